//! What is kept of an image that was built: below `.hive/images/RECIPE/`, under the image's digest and as the last one.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use crate::image::assemble::Added;
use crate::image::bill;
use crate::image::bill::Contents;
use crate::image::bill::Package;
use crate::image::digest;
use crate::image::label::Facts;
use crate::image::statement;
use crate::image::statement::Checksum;
use crate::image::statement::Making;
use crate::image::statement::Material;
use crate::io::files;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error as AnyError;
use crate::workflow::Project;
use crate::workflow::environment::Environment;
use crate::workflow::image::planned::Planned;
use crate::workflow::image::planned::shown;
use crate::workflow::upstream::Release;

/// An image that was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// The recipe.
    pub recipe: String,
    /// The image's name.
    pub name: String,
    /// `overlay` or `build`.
    pub kind: String,
    /// The base's name.
    pub base: String,
    /// The base's id in the engine.
    pub base_id: String,
    /// The digest of the image's configuration.
    pub config_digest: String,
    /// The digest of its manifest; `None` where the sizes of the base's layers were not measured.
    pub manifest_digest: Option<String>,
    /// The layers on top of the base.
    pub layers: Vec<Added>,
    /// What decided every byte.
    pub facts: Facts,
}

/// Where the documents of an image stand, relative to the project's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Documents {
    /// What is inside, in `CycloneDX`'s words.
    pub sbom: String,
    /// How it was made, in in-toto's and SLSA's words.
    pub provenance: String,
}

/// What an image is made of, for its documents.
pub struct Parts<'a> {
    /// The recipe.
    pub recipe: &'a Recipe,
    /// The release.
    pub release: &'a Release,
    /// The environment.
    pub environment: &'a Environment,
    /// The Python packages that hive installed.
    pub packages: &'a [Package],
}

/// Returns the record of the last image that was built of a recipe.
#[must_use]
pub fn last(project: &Project, recipe: &str) -> Option<Record> {
    let record: Record = serde_json::from_slice(&fs::read(last_path(project, recipe)).ok()?).ok()?;
    (record.recipe == recipe).then_some(record)
}

/// Keeps an image's record and writes its documents, each whole or not at all.
///
/// # Errors
///
/// Returns an error when the disk refuses.
pub fn keep(project: &Project, planned: &Planned, parts: &Parts<'_>) -> Result<Documents, AnyError> {
    let manifest = planned.image.manifest.as_ref().map(|manifest| manifest.digest.clone());
    let record = Record {
        recipe: parts.recipe.name.clone(),
        name: planned.name.short(),
        kind: planned.origin.kind.clone(),
        base: planned.origin.base.clone(),
        base_id: planned.base_id.clone(),
        config_digest: planned.image.config_digest.clone(),
        manifest_digest: manifest,
        layers: planned.layers.iter().map(|layer| layer.added.clone()).collect(),
        facts: planned.origin.facts.clone(),
    };
    let folder = format!(".hive/images/{}/{}", record.recipe, digest::hex(&record.config_digest));
    let documents =
        Documents { sbom: format!("{folder}/sbom.cdx.json"), provenance: format!("{folder}/provenance.json") };
    let write = |path: &str, bytes: &[u8]| files::write_atomic(&project.path(path), bytes);
    write(&documents.sbom, &bill::cyclonedx(&contents(project, planned, parts)?))?;
    write(&documents.provenance, &statement::provenance(&making(planned, parts, &record)))?;
    let mut text = serde_json::to_vec_pretty(&record).expect("a record has text keys");
    text.push(b'\n');
    write(&format!("{folder}/image.json"), &text)?;
    files::write_atomic(&last_path(project, &record.recipe), &text)?;
    Ok(documents)
}

fn last_path(project: &Project, recipe: &str) -> PathBuf {
    project.path(&format!(".hive/images/{recipe}/last.json"))
}

fn contents(project: &Project, planned: &Planned, parts: &Parts<'_>) -> Result<Contents, AnyError> {
    let recipe = parts.recipe;
    let reasons: BTreeMap<&str, &str> =
        recipe.patches.iter().map(|patch| (patch.file.as_str(), patch.why.as_str())).collect();
    let mut patches = Vec::new();
    for (patch, _) in &parts.environment.patches {
        let text = files::read(&project.path(&patch.name))?;
        patches.push(bill::Patch {
            file: patch.name.clone(),
            why: reasons.get(patch.name.as_str()).copied().unwrap_or_default().to_owned(),
            text: String::from_utf8_lossy(&text).into_owned(),
        });
    }
    let registered = parts.environment.registered.iter().map(|controller| bill::Controller {
        path: controller.path.clone(),
        class: controller.class.clone(),
        sha256: parts
            .environment
            .changes
            .get(&controller.path)
            .and_then(Option::as_deref)
            .map(files::sha256_hex)
            .unwrap_or_default(),
    });
    Ok(Contents {
        name: planned.name.short(),
        image_digest: planned.image.config_digest.clone(),
        hive_version: env!("CARGO_PKG_VERSION").to_owned(),
        hummingbot: hummingbot(parts),
        patches,
        controllers: registered.collect(),
        packages: parts.packages.to_vec(),
        base: planned.origin.base.clone(),
        base_digest: base_digest(planned),
    })
}

fn hummingbot(parts: &Parts<'_>) -> Package {
    let sha256 = parts.release.checksum.as_deref().and_then(|checksum| checksum.strip_prefix("sha256:"));
    let (name, version, origin) = match &parts.recipe.upstream {
        Upstream::Pypi { package, version, .. } => (package.clone(), version.clone(), None),
        Upstream::Git { url, tag } => ("hummingbot".to_owned(), tag.clone(), Some(format!("git+{}", shown(url)))),
        Upstream::Path { .. } => ("hummingbot".to_owned(), "local".to_owned(), Some("file:upstream".to_owned())),
    };
    Package { name, version, sha256: sha256.map(str::to_owned).into_iter().collect(), origin }
}

fn making(planned: &Planned, parts: &Parts<'_>, record: &Record) -> Making {
    let upstream = hummingbot(parts);
    let commit = parts.release.checksum.as_deref().and_then(|checksum| checksum.strip_prefix("git:"));
    let digest = upstream.sha256.first().cloned().map(Checksum::Sha256);
    let digest = digest.or_else(|| commit.map(|commit| Checksum::Commit(commit.to_owned())));
    let mut materials = vec![Material { uri: bill::purl(&upstream), digest }];
    let base = base_digest(planned);
    materials.push(Material {
        uri: format!("docker-image:{}", planned.origin.base),
        digest: Some(Checksum::Sha256(digest::hex(&base).to_owned())),
    });
    for (name, value) in &record.facts {
        if let Some(file) = name.strip_prefix("file ") {
            let digest = Some(Checksum::Sha256(digest::hex(value).to_owned()));
            materials.push(Material { uri: format!("file:{file}"), digest });
        }
    }
    materials.extend(parts.packages.iter().map(|package| Material {
        uri: bill::purl(package),
        digest: package.sha256.first().cloned().map(Checksum::Sha256),
    }));
    Making {
        name: record.name.clone(),
        config_digest: record.config_digest.clone(),
        manifest_digest: record.manifest_digest.clone(),
        recipe: record.recipe.clone(),
        kind: record.kind.clone(),
        hive_version: env!("CARGO_PKG_VERSION").to_owned(),
        facts: record.facts.clone(),
        materials,
    }
}

/// Returns the digest that the recipe pins the base with, or else that of all that counts of it.
fn base_digest(planned: &Planned) -> String {
    let of_content =
        || planned.origin.facts.iter().find(|(name, _)| name.starts_with("image ")).map(|(_, value)| value);
    planned.origin.base_digest.as_ref().or_else(of_content).cloned().unwrap_or_default()
}
