//! How does a refusal explain itself?

use std::ops::Range;

use super::library::ClassId;
use super::loader::{Candidate, Loader, span};
use super::scan::Origin;
use super::{Error, Role};

impl Loader<'_> {
    pub(super) fn not_defined(&mut self, role: Role, declared: &str) -> Error {
        let candidates = self.candidates(role);
        let mut names: Vec<&str> = candidates
            .iter()
            .filter(|candidate| !candidate.is_passed_over)
            .map(|candidate| candidate.name.as_str())
            .collect();
        names.sort_by_key(|name| strsim::damerau_levenshtein(name, declared));
        let nearest = names.first().copied().filter(|name| self.binding_span(name).is_some());
        let place = nearest.and_then(|nearest| self.binding_span(nearest));
        Error::NotDefined {
            class: declared.to_owned(),
            what: role.noun(),
            file: self.file_name.to_owned(),
            advice: match nearest {
                Some(nearest) if is_near(nearest, declared) => format!("did you mean `{nearest}`?"),
                Some(_) => format!("each {} of the file: `{}`", role.noun(), names.join("`, `")),
                None => format!("the file has no {} at all", role.noun()),
            },
            text: self.source(),
            place: place.map(|place| span(&place)),
        }
    }

    pub(super) fn wrong_kind(
        &mut self,
        role: Role,
        declared: &str,
        class: Option<ClassId>,
        place: &Range<usize>,
    ) -> Error {
        Error::WrongKind {
            class: declared.to_owned(),
            what: role.noun(),
            base: self.library.class(self.root(role)).name.clone(),
            found: self.bases_of(class),
            text: self.source(),
            place: span(place),
        }
    }

    pub(super) fn passed_over(&self, role: Role, declared: &str) -> Error {
        Error::PassedOver {
            class: declared.to_owned(),
            what: role.noun(),
            advice: match role {
                Role::Config => format!("derive a class of your own from `{declared}` and declare that"),
                Role::Controller => {
                    "the loader knows upstream's controller bases by their names alone: rename the class".to_owned()
                }
            },
            text: self.source(),
            place: span(&self.binding_span(declared).unwrap_or_default()),
        }
    }

    pub(super) fn other_taken(&mut self, role: Role, declared: &str, taken: &Candidate) -> Error {
        let binding = self.library.binding_to(self.own, &taken.name, taken.classes[0]);
        let winner = &self.library.module(self.own).bindings[binding];
        let (bound, advice) = mend(declared, &taken.name, &winner.origin);
        Error::OtherTaken {
            taken: taken.name.clone(),
            class: declared.to_owned(),
            what: role.noun(),
            bound,
            advice,
            text: self.source(),
            winner: span(&winner.span),
            place: span(&self.binding_span(declared).unwrap_or_default()),
        }
    }

    pub(super) fn looks_elsewhere(&self, declared: &str, taken: Option<&Candidate>) -> Error {
        let config_class = &self.declaration.config_class;
        Error::LooksElsewhere {
            class: declared.to_owned(),
            config_class: config_class.clone(),
            home: self.library.module(self.home).name.clone(),
            found: taken.map_or_else(
                || "holds no controller class".to_owned(),
                |taken| format!("has `{}` first", self.library.path(taken.classes[0])),
            ),
            text: self.source(),
            config: span(&self.binding_span(config_class).unwrap_or_default()),
            place: span(&self.binding_span(declared).unwrap_or_default()),
        }
    }

    /// Says what a class is made from, base by base.
    fn bases_of(&mut self, class: Option<ClassId>) -> String {
        let Some(class) = class else {
            return "it stands for no class that can be followed".to_owned();
        };
        let bases: Vec<String> = self.library.class(class).bases.iter().map(|base| base.text.clone()).collect();
        if bases.is_empty() {
            return "it has no bases".to_owned();
        }
        let described =
            bases.iter().enumerate().map(|(index, text)| match self.library.base_classes(class, index).first() {
                Some(base) => format!("`{text}` (`{}`)", self.library.path(*base)),
                None => format!("`{text}` (not a class of Hummingbot or of a controller)"),
            });
        format!("its bases are {}", described.collect::<Vec<_>>().join(", "))
    }
}

/// Whether one name may be a slip for another: less than half of it differs.
fn is_near(name: &str, other: &str) -> bool {
    2 * strsim::damerau_levenshtein(name, other) < other.chars().count()
}

/// Says how the winner got its name, and what to do about it.
fn mend(declared: &str, winner: &str, origin: &Origin) -> (&'static str, String) {
    let rename = format!("or rename `{declared}` so that it sorts before `{winner}`");
    match origin {
        Origin::Member { module, name } => {
            let (import, module) = match module.rsplit_once('.') {
                Some((package, module)) => (format!("from {package} import {module}"), module),
                None => (format!("import {module}"), module.as_str()),
            };
            let instead = format!("`{import}`, then `{module}.{name}`");
            (
                "this import makes it a name of the module",
                format!("import the module instead of the class ({instead}), {rename}"),
            )
        }
        Origin::Class(_) => ("it is defined here", format!("move `{winner}` to a module of its own, {rename}")),
        Origin::Module(_) | Origin::Alias(_) | Origin::Opaque => {
            ("this assignment makes it a name of the module", format!("drop the name `{winner}`, {rename}"))
        }
    }
}

impl Role {
    /// What a message calls a class of this role.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Config => "configuration class",
            Self::Controller => "controller class",
        }
    }
}
