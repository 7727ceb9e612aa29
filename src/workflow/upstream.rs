//! From the name of an upstream release to its tree.

use crate::io::fetch;
use crate::io::files;
use crate::io::git;
use crate::io::progress::Progress;
use crate::io::tree::Tree;
use crate::recipe::resolve::Artifact;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Upstream;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;

/// The Python that wheels are taken for where the recipe does not say.
const PYTHON: (u32, u32) = (3, 12);

/// An upstream release as a tree.
#[derive(Debug)]
pub struct Release {
    /// The tree, which must not be written to.
    pub tree: Tree,
    /// What identifies the release's bytes: `sha256:…` of an archive, `git:…` of a commit; `None` for a local tree.
    pub checksum: Option<String>,
    /// What the release is called in reports.
    pub label: String,
    /// Tells that nothing was downloaded.
    pub from_cache: bool,
    /// The size of what was or would be downloaded, in bytes; `None` where that is not known.
    pub byte_count: Option<u64>,
    /// What is odd about it, for people.
    pub oddity: Option<String>,
}

/// Finds or downloads the release that a recipe builds on. `locked` is the checksum that the lock has for it.
///
/// # Errors
///
/// Says why the release is not to be had.
pub fn obtain(
    project: &Project,
    recipe: &Recipe,
    locked: Option<&str>,
    options: Options,
    progress: &dyn Progress,
) -> Result<Release, Error> {
    match &recipe.upstream {
        Upstream::Pypi { package, version, artifact, sha256 } => {
            let locked = locked.and_then(|locked| locked.strip_prefix("sha256:")).map(str::to_owned);
            let request = fetch::Request {
                package: package.clone(),
                version: version.clone(),
                artifact: *artifact,
                python: python(recipe),
                any_platform: false,
                expected_sha256: sha256.clone().or(locked),
                offline: options.offline,
                index: None,
            };
            let fetched = fetch::fetch(&request, &project.cache(), progress)?;
            Ok(Release {
                tree: Tree::open(&fetched.tree)?,
                checksum: Some(format!("sha256:{}", fetched.sha256)),
                label: label(recipe),
                from_cache: fetched.from_cache,
                byte_count: Some(fetched.bytes),
                oddity: fetched.oddity(),
            })
        }
        Upstream::Git { url, tag } => {
            let cloned = git::tag(url, tag, &project.path(".hive/cache"), options.offline)?;
            Ok(Release {
                tree: Tree::open(&cloned.tree)?,
                checksum: Some(format!("git:{}", cloned.commit)),
                label: label(recipe),
                from_cache: cloned.from_cache,
                byte_count: None,
                oddity: None,
            })
        }
        Upstream::Path { path } => Ok(Release {
            tree: Tree::open(&project.path(path))?,
            checksum: None,
            label: label(recipe),
            from_cache: true,
            byte_count: None,
            oddity: None,
        }),
    }
}

/// Returns what a recipe's release is called in reports.
#[must_use]
pub fn label(recipe: &Recipe) -> String {
    match &recipe.upstream {
        Upstream::Pypi { package, version, artifact, .. } => {
            let artifact = match artifact {
                Artifact::Sdist => "sdist",
                Artifact::Wheel => "wheel",
            };
            format!("{package} {version} {artifact}")
        }
        Upstream::Git { tag, .. } => format!("git {tag}"),
        Upstream::Path { path } => format!("path {path}"),
    }
}

/// Returns the version that selects the replay profile; needs neither the network nor a fetched release.
///
/// # Errors
///
/// Returns an error when a local tree has no `hummingbot/VERSION`.
pub fn version(project: &Project, recipe: &Recipe) -> Result<String, Error> {
    match &recipe.upstream {
        Upstream::Pypi { version, .. } => Ok(version.clone()),
        Upstream::Git { tag, .. } => Ok(tag.clone()),
        Upstream::Path { path } => {
            let text = files::read_to_string(&project.path(path).join("hummingbot/VERSION"));
            let text = text.map_err(|source| Error::NoVersion { path: path.clone(), source })?;
            Ok(text.trim().to_owned())
        }
    }
}

/// Returns the version of Python, `(3, 12)`, that wheels are taken for.
pub(super) fn python(recipe: &Recipe) -> (u32, u32) {
    let number = |recipe: &Recipe| {
        let mut parts = recipe.python.as_ref()?.version.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    number(recipe).unwrap_or(PYTHON)
}
