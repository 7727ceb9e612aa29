//! How is the API described, for people and for programs that make clients of it?
//!
//! The document is made of the routes that the router is made of, and of the types that handlers read and write.

use axum::http::StatusCode;
use axum::response::Response;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::service::answer;
use crate::service::error;
use crate::service::registry;
use crate::service::route::Family;
use crate::service::route::Route;

/// Gives the document.
pub async fn openapi() -> Response {
    answer::json(StatusCode::OK, &document(&registry::routes()))
}

/// Returns the OpenAPI 3.1 document of some routes.
#[must_use]
pub fn document(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in routes {
        let methods = paths.entry(route.path).or_insert_with(|| json!({}));
        methods[route.method.as_str().to_ascii_lowercase()] = operation(route, routes, &mut generator);
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "hive",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Backtests of Hummingbot's controllers: hive's own API, and the routes that Hummingbot's clients speak.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": [
            { "name": "hive", "description": "hive's own API; errors have one shape with a code." },
            { "name": "hummingbot", "description": "What Hummingbot's clients speak." },
            { "name": "operation", "description": "Health, counts, the page." },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "password": { "type": "http", "scheme": "basic" },
                "session": { "type": "apiKey", "in": "cookie", "name": crate::service::access::COOKIE },
            },
        },
    })
}

fn operation(route: &Route, routes: &[Route], generator: &mut SchemaGenerator) -> Value {
    let mut answers = Map::new();
    for answer in &route.answers {
        let mut told = json!({ "description": answer.about });
        if let Some(media) = answer.media {
            let content = answer.shape.map_or_else(|| json!({}), |shape| json!({ "schema": shape(generator) }));
            told["content"] = json!({ media: content });
        }
        if let Some(leads_to) = route.leads_to {
            told["links"] = links(leads_to, routes);
        }
        answers.insert(answer.status.to_string(), told);
    }
    let refusal = match route.family {
        Family::Own => generator.subschema_for::<error::Answer>().to_value(),
        Family::DropIn | Family::Operation => {
            json!({ "type": "object", "required": ["detail"], "properties": { "detail": {} } })
        }
    };
    let refusal = json!({ "description": "It was refused.", "content": { "application/json": { "schema": refusal } } });
    answers.insert("default".to_owned(), refusal);
    let tag = match route.family {
        Family::Own => "hive",
        Family::DropIn => "hummingbot",
        Family::Operation => "operation",
    };
    let mut told = json!({
        "operationId": route.name, "summary": route.about, "tags": [tag], "parameters": parameters(route), "responses": answers,
    });
    if let Some(body) = route.body {
        told["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": body(generator) } } });
    }
    if !route.is_open {
        // No key is needed where none is set up.
        told["security"] = json!([{}, { "token": [] }, { "password": [] }, { "session": [] }]);
    }
    told
}

/// Returns what can be asked about what a route has made.
fn links((prefix, pointer): (&str, &str), routes: &[Route]) -> Value {
    let mut links = Map::new();
    for route in routes.iter().filter(|route| route.path.starts_with(prefix)) {
        links.insert(route.name.to_owned(), json!({ "operationId": route.name, "parameters": { "id": pointer } }));
    }
    Value::Object(links)
}

fn parameters(route: &Route) -> Vec<Value> {
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path =
        names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = route.query.iter().map(|parameter| {
        json!({
            "name": parameter.name, "in": "query", "description": parameter.about,
            "schema": serde_json::from_str::<Value>(parameter.kind).expect("a parameter's type is JSON"),
        })
    });
    in_path.chain(in_query).collect()
}
