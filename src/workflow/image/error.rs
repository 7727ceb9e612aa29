//! Why an image is not built, not there, or not what it should be.

use std::io;

use miette::Diagnostic;
use thiserror::Error;

use crate::image::layer;
use crate::image::reference;
use crate::workflow::Exit;

/// Why a use case around images failed.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The recipe says nothing of an image.
    #[error("recipe `{recipe}` has no `[image]`")]
    #[diagnostic(
        code("HV0643"),
        help(
            "add `[image]` with `base = \"…\"` and `tag = \"…\"`, or write a tree with `hive build {recipe} --into DIR`"
        )
    )]
    NoImage {
        /// The recipe.
        recipe: String,
    },

    /// The recipe does not say what the image is called.
    #[error("the `[image]` of recipe `{recipe}` has no `tag`")]
    #[diagnostic(code("HV0644"), help("add `tag = \"hive/{recipe}\"`"))]
    NoTag {
        /// The recipe.
        recipe: String,
    },

    /// The tag is no name for an image.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Reference(#[from] reference::Error),

    /// Two things have the same place in a layer.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Layer(#[from] layer::Error),

    /// The engine does not have the base.
    #[error("the engine has no image `{base}`, the base of recipe `{recipe}`")]
    #[diagnostic(code("HV0645"), help("get it with `docker pull {base}`, or with `docker load` from an archive"))]
    NoBase {
        /// The recipe.
        recipe: String,
        /// The base.
        base: String,
    },

    /// The base is not pinned, and everything has to be.
    #[error("the base `{base}` of recipe `{recipe}` is not pinned")]
    #[diagnostic(
        code("HV0646"),
        help("`--locked` wants `digest = \"{id}\"` in `[image]`; that is the one that the engine has")
    )]
    NotPinned {
        /// The recipe.
        recipe: String,
        /// The base.
        base: String,
        /// What the engine has under this name.
        id: String,
    },

    /// The base is another one than the recipe pins.
    #[error("the engine's `{base}` is not the one that recipe `{recipe}` pins: expected {expected}, found {}", found.join(", "))]
    #[diagnostic(
        code("HV0647"),
        help("pull the pinned one with `docker pull {}@{expected}`, or pin the one that is there", repository(base))
    )]
    OtherBase {
        /// The recipe.
        recipe: String,
        /// The base.
        base: String,
        /// The digest that the recipe has.
        expected: String,
        /// What the engine has: the id, and the digests in registries.
        found: Vec<String>,
    },

    /// The base holds no Hummingbot, and the recipe does not say how to install it.
    #[error("the base `{base}` holds no Hummingbot")]
    #[diagnostic(
        code("HV0648"),
        help(
            "looked in {}; name its folder with `root` in `[image]`, take a base that has it, or add `[python]` so that \
             hive installs it",
            looked.join(", ")
        )
    )]
    NoHummingbot {
        /// The base.
        base: String,
        /// Where it was looked for.
        looked: Vec<String>,
    },

    /// The base holds Hummingbot more than once.
    #[error("the base `{base}` holds Hummingbot in {}", roots.join(" and in "))]
    #[diagnostic(code("HV0649"), help("say which one is run: `root = \"{}\"` in `[image]`, for instance", roots[0]))]
    SeveralHummingbots {
        /// The base.
        base: String,
        /// The folders that hold it.
        roots: Vec<String>,
    },

    /// A folder on the way to Hummingbot is a link.
    #[error("`{path}` of the base `{base}` is a link to `{target}`")]
    #[diagnostic(
        code("HV0650"),
        help("name the folder itself with `root` in `[image]`: a layer would put a folder in the link's place")
    )]
    Link {
        /// The base.
        base: String,
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
    },

    /// The base holds another release.
    #[error("the base `{base}` holds Hummingbot {found}, and recipe `{recipe}` builds on {expected}")]
    #[diagnostic(
        code("HV0651"),
        help("take a base with that release, or move the recipe: `hive patch rebase {recipe} --to VERSION`")
    )]
    OtherRelease {
        /// The recipe.
        recipe: String,
        /// The base.
        base: String,
        /// What `hummingbot/VERSION` of the release says.
        expected: String,
        /// What that of the base says.
        found: String,
    },

    /// A file that is to be replaced is not what upstream published.
    #[error("`{path}` of the base `{base}` is not the file that upstream published")]
    #[diagnostic(code("HV0652"), help("{mend}"))]
    OtherTarget {
        /// The base.
        base: String,
        /// The file.
        path: String,
        /// What to do about it.
        mend: String,
        /// Its hash there, and the hash that it should have.
        #[source]
        hashes: Hashes,
    },

    /// A file that is to be replaced is already what it would become.
    #[error("`{path}` of the base `{base}` is patched already")]
    #[diagnostic(
        code("HV0653"),
        help("take the unpatched image as `base`: hive builds on what upstream published, once")
    )]
    AlreadyPatched {
        /// The base.
        base: String,
        /// The file.
        path: String,
    },

    /// A patch changes what was compiled.
    #[error("`{path}` is compiled, so that an overlay cannot change it")]
    #[diagnostic(
        code("HV0654"),
        help("take a base without Hummingbot and add `[python]`: then hive compiles the patched tree in a container")
    )]
    Compiled {
        /// The file.
        path: String,
    },

    /// The base was never looked into, and nobody may be asked.
    #[error("the base `{base}` was not looked into yet")]
    #[diagnostic(code("HV0655"), help("run `hive build`: it asks the engine once, and what it learns is kept"))]
    NotKnown {
        /// The base.
        base: String,
    },

    /// The engine has something else than what was predicted.
    #[error("the engine made another image than predicted: expected {expected}, found {found}")]
    #[diagnostic(
        code("HV0656"),
        help(
            "no name was given to it; please report this with the engine's version ({engine}): hive's prediction is wrong there"
        )
    )]
    Mismatch {
        /// The predicted id.
        expected: String,
        /// What the engine has loaded.
        found: String,
        /// The engine's version.
        engine: String,
    },

    /// The engine does not have the image.
    #[error("the engine has no image `{name}`")]
    #[diagnostic(code("HV0657"), help("{mend}"))]
    NotThere {
        /// The image.
        name: String,
        /// What to do about it.
        mend: String,
    },

    /// The image does not say where it comes from.
    #[error("image `{name}` was not built by hive, or its labels were changed")]
    #[diagnostic(
        code("HV0658"),
        help("hive verifies what it has built: an image with the labels `hive.recipe` and `hive.facts`")
    )]
    NotOurs {
        /// The image.
        name: String,
    },

    /// The image was built from something else than what is here.
    #[error("image `{name}` was built from something else than what recipe `{recipe}` says now")]
    #[diagnostic(code("HV0659"), help("restore what it was built from, or build it again with `hive build {recipe}`"))]
    OtherFacts {
        /// The image.
        name: String,
        /// The recipe.
        recipe: String,
        /// The first facts that differ.
        #[source]
        changes: Changes,
    },

    /// A rebuild gives another image.
    #[error("image `{name}` is not what recipe `{recipe}` gives: {difference}")]
    #[diagnostic(
        code("HV0660"),
        help(
            "somebody changed the image after hive built it; `hive build {recipe}` gives the name back to the right one"
        )
    )]
    NotReproducible {
        /// The image.
        name: String,
        /// The recipe.
        recipe: String,
        /// What differs first.
        difference: String,
        /// Both digests.
        #[source]
        digests: Digests,
    },

    /// What the engine saved cannot be read.
    #[error("what the engine saved of `{name}` cannot be read")]
    #[diagnostic(code("HV0661"), help("{mend}"))]
    Saved {
        /// The image.
        name: String,
        /// What to do about it.
        mend: &'static str,
        /// What was met.
        source: io::Error,
    },

    /// A file in the image is not what it should be.
    #[error("`{path}` in image `{name}` is not the file that hive put there")]
    #[diagnostic(
        code("HV0662"),
        help("the engine gives out other bytes than it was given: look at its storage, then build again")
    )]
    NotInProduct {
        /// The image.
        name: String,
        /// The file.
        path: String,
        /// Its hash there, and the hash that it should have.
        #[source]
        hashes: Hashes,
    },

    /// The base is for another machine than the packages.
    #[error("the base `{base}` is for {found}, and hive installs packages for {expected} only")]
    #[diagnostic(code("HV0663"), help("take the base of that machine: `docker pull --platform linux/amd64 {base}`"))]
    OtherMachine {
        /// The base.
        base: String,
        /// What the base is for.
        found: String,
        /// What packages are for.
        expected: &'static str,
    },

    /// The base has no Python to install packages for.
    #[error("the base `{base}` has no Python {version}")]
    #[diagnostic(
        code("HV0665"),
        help(
            "looked for `lib/python{version}/os.py` beside each folder of its `PATH`; take a base such as `python:{version}-slim`, \
              or name the folder of its packages with `root` in `[image]`"
        )
    )]
    NoInterpreter {
        /// The base.
        base: String,
        /// The version that the recipe names.
        version: String,
    },

    /// A layer cannot be written or read.
    #[error("layer `{layer}` cannot be made")]
    #[diagnostic(
        code("HV0664"),
        help("see that the disk has room and that nobody changes `.hive` meanwhile, then build again")
    )]
    Content {
        /// The layer's name.
        layer: String,
        /// What was met.
        source: io::Error,
    },
}

/// Two hashes of a file.
#[derive(Debug, Error)]
#[error("expected {expected}, found {found}")]
pub struct Hashes {
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

/// Two digests of an image.
#[derive(Debug, Error)]
#[error("expected {expected}, found {found}")]
pub struct Digests {
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

/// Facts that differ, in words.
#[derive(Debug, Error)]
#[error("{}", .0.join("; "))]
pub struct Changes(pub Vec<String>);

impl Error {
    /// Returns the exit code that goes with the error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Mismatch { .. }
            | Self::OtherFacts { .. }
            | Self::NotReproducible { .. }
            | Self::NotInProduct { .. } => Exit::NotReproducible,
            Self::NotPinned { .. } | Self::OtherBase { .. } => Exit::StaleLock,
            _ => Exit::Usage,
        }
    }
}

/// Returns an image's name without its tag.
fn repository(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}
