//! The part of a recipe that says what is built: upstream, Python, series, controllers, image, services.

use std::str::FromStr;

use indexmap::IndexMap;
use miette::LabeledSpan;
use pep440_rs::Version;
use pep440_rs::VersionSpecifiers;

use super::Check;
use super::Controller;
use super::Dropped;
use super::Health;
use super::HealthCheck;
use super::Image;
use super::Patch;
use super::Python;
use super::Recipe;
use super::Service;
use super::Upstream;
use super::moment;
use super::scenario;
use crate::recipe::error::Error;
use crate::recipe::located::Located;
use crate::recipe::located::Named;
use crate::recipe::schema;

/// Resolves a whole recipe.
pub(super) fn recipe(check: &mut Check, file: &str, document: &schema::Document) -> Recipe {
    let written = &document.recipe;
    let controllers = controllers(check, &written.controller);
    let candles = scenario::candles(check, &written.candles);
    let scenarios = scenario::scenarios(check, document, &controllers);
    Recipe {
        name: name(check, file, &written.recipe.name),
        description: written.recipe.description.clone(),
        file: file.to_owned(),
        upstream: upstream(check, &written.upstream),
        python: written.python.as_ref().map(|python| self::python(check, &python.value)),
        patches: patches(check, &written.patch),
        dropped: written.dropped.iter().map(|it| dropped(check, &it.value)).collect(),
        controllers,
        image: written.image.as_ref().map(|image| self::image(check, &image.value)),
        candles,
        scenarios,
        tolerance: scenario::tolerance(check, &written.tolerance),
        services: services(check, &written.service),
        profiles: scenario::profiles(check, written),
    }
}

fn name(check: &mut Check, file: &str, written: &Located<String>) -> String {
    let name = check.name("recipe", written);
    let stem = file_stem(file);
    if stem != name {
        check.errors.push(Error::NameNotFile {
            what: "recipe",
            name: name.clone(),
            file: file.to_owned(),
            why: "goldens and the lock find a recipe by its name, commands by its file",
            at: check.at(&written.span),
            stem: stem.to_owned(),
        });
    }
    name
}

fn upstream(check: &mut Check, written: &Located<schema::Upstream>) -> Upstream {
    let schema::Upstream { pypi, git, path } = &written.value;
    let found: Vec<(&str, &std::ops::Range<usize>)> = [
        pypi.as_ref().map(|it| ("pypi", &it.span)),
        git.as_ref().map(|it| ("git", &it.span)),
        path.as_ref().map(|it| ("path", &it.span)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if found.len() != 1 {
        let at = match found.as_slice() {
            [] => vec![LabeledSpan::new_with_span(Some("nothing here".to_owned()), check.at(&written.span))],
            found => found
                .iter()
                .map(|(name, span)| LabeledSpan::new_with_span(Some(format!("`{name}` here")), check.at(span)))
                .collect(),
        };
        check.errors.push(Error::UpstreamCount {
            count: match found.len() {
                0 => "none".to_owned(),
                count => count.to_string(),
            },
            at,
        });
    }

    // What each says is checked in any case, so that all is told at once.
    let pypi = pypi.as_ref().map(|it| self::pypi(check, &it.value));
    let git = git.as_ref().map(|it| Upstream::Git {
        url: check.text("url", "the address of a git repository", &it.value.url),
        tag: check.text("tag", "a tag, `v2.6.0`", &it.value.tag),
    });
    let path = path.as_ref().map(|it| Upstream::Path { path: check.text("path", "a folder", &it.value.path) });
    pypi.or(git).or(path).unwrap_or(Upstream::Path { path: String::new() })
}

fn pypi(check: &mut Check, written: &schema::Pypi) -> Upstream {
    if Version::from_str(&written.version.value).is_err() {
        bad_version(
            check,
            "version",
            "a version as PEP 440 writes them",
            "20250609",
            &written.version,
            "not a version",
        );
    }
    Upstream::Pypi {
        package: check.text("package", "a project of the index", &written.package),
        version: written.version.value.clone(),
        artifact: written.artifact.unwrap_or_default(),
        sha256: written.sha256.as_ref().map(|sha256| check.checksum("sha256", "", sha256)),
    }
}

fn python(check: &mut Check, written: &schema::Python) -> Python {
    let parts: Vec<&str> = written.version.value.split('.').collect();
    let is_version = (2..=3).contains(&parts.len()) && parts.iter().all(|part| part.parse::<u16>().is_ok());
    if !is_version {
        bad_version(check, "version", "a version of Python", "3.12", &written.version, "expected two or three numbers");
    }
    let mut texts = |key, written: &[Located<String>]| -> Vec<String> {
        written.iter().map(|it| check.text(key, "a requirement", it)).collect()
    };
    Python {
        version: written.version.value.clone(),
        requires: texts("requires", &written.requires),
        overrides: texts("override", &written.overrides),
        exclude: texts("exclude", &written.exclude),
        build_requires: texts("build-requires", &written.build_requires),
        extensions: written.extensions.unwrap_or_default(),
        cut_off: written.cut_off.as_ref().map(|cut_off| moment::epoch(check, "cut-off", cut_off)),
    }
}

fn patches(check: &mut Check, written: &[Located<schema::Patch>]) -> Vec<Patch> {
    let mut seen = IndexMap::new();
    written.iter().map(|it| patch(check, &it.value, &mut seen)).collect()
}

fn patch(check: &mut Check, written: &schema::Patch, seen: &mut IndexMap<String, std::ops::Range<usize>>) -> Patch {
    let file = check.file("patch", &written.file);
    let earlier: Vec<String> = seen.keys().cloned().collect();
    let after = written.after.iter().map(|it| check.reference("earlier patch", it, earlier.iter().map(String::as_str)));
    let after = after.collect();
    let allow = written.allow.iter().map(|it| {
        check.text("reason", "why the patch may break the rule", &it.value.reason);
        check.text("rule", "a lint rule's name or code", &it.value.rule)
    });
    let allow = allow.collect();
    if let Some(first) = seen.insert(file.clone(), written.file.span.clone()) {
        check.errors.push(Error::Duplicate {
            what: "patch",
            name: file.clone(),
            advice: "a series applies each patch once; remove one of them".to_owned(),
            first: Some(first.into()),
            at: check.at(&written.file.span),
        });
    }
    if let Some(applies) = &written.applies
        && let Err(error) = VersionSpecifiers::from_str(&applies.value)
    {
        // The library draws a picture below its sentence.
        let sentence = error.to_string();
        let problem = sentence.lines().next().unwrap_or_default();
        let problem = problem.trim_start_matches("Failed to parse version: ").trim_end_matches(':').to_lowercase();
        bad_version(
            check,
            "applies",
            "a set of versions as PEP 440 writes them",
            ">=20250609,<20251215",
            applies,
            &problem,
        );
    }
    Patch {
        file,
        why: check.text("why", "the reason for the patch", &written.why),
        touches: written.touches.iter().map(|path| check.path("the upstream tree", path)).collect(),
        applies: written.applies.as_ref().map(|it| it.value.clone()),
        expires: written.expires.as_ref().map(|expires| moment::day(check, "expires", expires)),
        probe: written.probe.as_ref().map(|probe| check.file("probe", probe)),
        after,
        allow,
    }
}

fn dropped(check: &mut Check, written: &schema::Dropped) -> Dropped {
    let upstream = written.upstream.as_ref();
    Dropped {
        file: check.path("the project", &written.file),
        why: check.text("why", "the reason for the patch", &written.why),
        reason: check.text("reason", "why the patch went", &written.reason),
        upstream: upstream.map(|upstream| check.text("upstream", "a version of the release", upstream)),
        sha256: check.checksum("sha256", "", &written.sha256),
    }
}

fn controllers(check: &mut Check, written: &[Located<schema::Controller>]) -> Vec<Controller> {
    let mut seen: IndexMap<&str, std::ops::Range<usize>> = IndexMap::new();
    written
        .iter()
        .map(|it| {
            let name = &it.value.name;
            if let Some(first) = seen.insert(&name.value, name.span.clone()) {
                check.errors.push(Error::Duplicate {
                    what: "controller",
                    name: name.value.clone(),
                    advice: "rename one of them: Hummingbot caches classes by `controller_name` alone, so that two \
                             controllers of one name are one, whichever was loaded first, even when their types differ"
                        .to_owned(),
                    first: Some(first.into()),
                    at: check.at(&name.span),
                });
            }
            controller(check, &it.value)
        })
        .collect()
}

fn controller(check: &mut Check, written: &schema::Controller) -> Controller {
    let name = check.identifier("controller", &written.name);
    let source = check.file("controller", &written.source);
    let stem = file_stem(&source);
    if stem != name {
        check.errors.push(Error::NameNotFile {
            what: "controller",
            name: name.clone(),
            file: source.clone(),
            why: "Hummingbot imports a controller by its name",
            at: check.at(&written.name.span),
            stem: stem.to_owned(),
        });
    }
    Controller {
        name,
        controller_type: check.identifier("controller type", &written.controller_type),
        source,
        config_class: check.identifier("class", &written.config_class),
        class: check.identifier("class", &written.class),
    }
}

fn image(check: &mut Check, written: &schema::Image) -> Image {
    Image {
        base: check.text("base", "an image", &written.base),
        digest: written.digest.as_ref().map(|digest| check.checksum("digest", "sha256:", digest)),
        tag: written.tag.as_ref().map(|tag| check.text("tag", "the name of an image", tag)),
        root: written.root.as_ref().map(|root| check.absolute("the base image", root)),
        builder: written.builder.as_ref().map(|builder| check.text("builder", "an image", builder)),
    }
}

fn services(check: &mut Check, written: &Named<schema::Service>) -> IndexMap<String, Service> {
    written.entries.iter().map(|(name, written)| (check.name("service", name), service(check, name, written))).collect()
}

fn service(check: &mut Check, name: &Located<String>, written: &schema::Service) -> Service {
    Service {
        image: check.text("image", "an image", &written.image),
        digest: written.digest.as_ref().map(|digest| check.checksum("digest", "sha256:", digest)),
        ports: written.ports.iter().map(|port| check.text("ports", "a port", port)).collect(),
        env: written.env.entries.iter().map(|(name, value)| (name.value.clone(), value.clone())).collect(),
        command: written.command.clone(),
        health: written.health.as_ref().map(|it| health(check, &name.value, it)),
    }
}

fn health(check: &mut Check, service: &str, written: &Located<schema::Health>) -> Health {
    let schema::Health { tcp, command, timeout } = &written.value;
    if tcp.is_some() == command.is_some() {
        check.either_or(format!("the health of service `{service}`"), "tcp", "command", tcp.is_some(), &written.span);
    }
    let health_check = match tcp {
        Some(port) => HealthCheck::Tcp(check.integer("tcp", 1..=65_535, port)),
        None => HealthCheck::Command(command.clone().unwrap_or_default()),
    };
    Health {
        check: health_check,
        timeout: timeout.as_ref().map_or(30, |timeout| check.integer("timeout", 1..=3_600, timeout)),
    }
}

fn bad_version(
    check: &mut Check,
    key: &'static str,
    expected: &'static str,
    example: &'static str,
    written: &Located<String>,
    problem: &str,
) {
    check.errors.push(Error::BadVersion {
        key,
        expected,
        example,
        problem: problem.to_owned(),
        at: check.at(&written.span),
    });
}

/// Returns a path's last part without its extension.
fn file_stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}
