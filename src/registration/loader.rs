//! Which classes does Hummingbot's loader take from a module?

use std::collections::BTreeSet;
use std::ops::Range;

use miette::{NamedSource, SourceSpan};

use super::library::{ClassId, Library};
use super::scan;
use super::{Declaration, Error, Fate, Member, Role, Warning, place};

/// Where upstream's bases are defined, by module and name, in the order: configurations, then controllers.
const BASES: [(&str, &str, &str); 3] = [
    ("hummingbot.strategy_v2.controllers.controller_base", "ControllerConfigBase", "ControllerBase"),
    (
        "hummingbot.strategy_v2.controllers.market_making_controller_base",
        "MarketMakingControllerConfigBase",
        "MarketMakingControllerBase",
    ),
    (
        "hummingbot.strategy_v2.controllers.directional_trading_controller_base",
        "DirectionalTradingControllerConfigBase",
        "DirectionalTradingControllerBase",
    ),
];

/// A controller's module, as the loader meets it.
pub(super) struct Loader<'a> {
    pub(super) declaration: &'a Declaration,
    text: &'a str,
    pub(super) file_name: &'a str,
    pub(super) library: Library<'a>,
    /// The controller's own module.
    pub(super) own: usize,
    /// Module in which the loader looks for the controller: the one that defines the configuration class.
    pub(super) home: usize,
    roots: [ClassId; 2],
    /// The configuration bases that the loader passes over, by identity.
    config_bases: Vec<ClassId>,
}

/// The declared class, found and confirmed.
pub(super) struct Pick {
    class: ClassId,
    /// Name under which the loader takes it.
    name: String,
}

/// A name that the loader would stop at, or pass over.
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) classes: Vec<ClassId>,
    pub(super) is_passed_over: bool,
}

impl<'a> Loader<'a> {
    /// Reads the controller's module and finds upstream's bases.
    pub(super) fn open(
        declaration: &'a Declaration,
        text: &'a str,
        file_name: &'a str,
        modules: &'a dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let source = || NamedSource::new(file_name, text.to_owned()).with_language("Python");
        let too_large = || Error::TooLarge { file: file_name.to_owned() };
        let tree = scan::parse(text).ok_or_else(too_large)?;
        if let Some(span) = scan::syntax_error(&tree) {
            return Err(Error::Syntax { file: file_name.to_owned(), text: source(), place: visible(text, span) });
        }
        let name = place::module_name(&declaration.controller_type, &declaration.name);
        let mut library = Library::new(modules);
        let mut package = "";
        for outer in place::packages(&name) {
            library.add_package(outer);
            package = outer;
        }
        let own = library.add(&name, package, text, &tree);
        if library.module(own).cut {
            return Err(too_large());
        }

        let mut bases = |role: Role| -> Result<Vec<ClassId>, Error> {
            let found = BASES.map(|(module, config, controller)| {
                let name = if role == Role::Config { config } else { controller };
                let class = library.classes_at(module, name).first().copied();
                class.ok_or_else(|| Error::NoUpstreamBase { module: module.to_owned(), class: name.to_owned() })
            });
            found.into_iter().collect()
        };
        let (config_bases, controller_bases) = (bases(Role::Config)?, bases(Role::Controller)?);
        let roots = [config_bases[0], controller_bases[0]];
        Ok(Self { declaration, text, file_name, library, own, home: own, roots, config_bases })
    }

    /// Confirms that the loader takes the declared class. The configuration has to be picked before the controller.
    pub(super) fn pick(&mut self, role: Role) -> Result<Pick, Error> {
        let declared = self.declared(role);
        let wanted = self.defined(role, declared)?;
        if self.is_passed_over(role, wanted) {
            return Err(self.passed_over(role, declared));
        }
        let taken = self.candidates(role).into_iter().find(|candidate| !candidate.is_passed_over);
        // Another name for the same class is as good; and where branches bind the declared name differently, each of
        // its classes is as declared as the other.
        let is_declared = |taken: &Candidate| {
            taken.classes == [wanted] || (taken.name == declared && self.looks_in(role) == self.own)
        };
        match taken {
            Some(taken) if is_declared(&taken) => {
                if role == Role::Config {
                    self.home = Library::home(wanted);
                }
                Ok(Pick { class: wanted, name: taken.name })
            }
            Some(taken) if self.looks_in(role) == self.own => Err(self.other_taken(role, declared, &taken)),
            taken => Err(self.looks_elsewhere(declared, taken.as_ref())),
        }
    }

    /// Lists what the loader sees for a role.
    pub(super) fn members(&mut self, role: Role, pick: &Pick) -> Vec<Member> {
        let module = self.looks_in(role);
        let candidates = self.candidates(role);
        let members = candidates.into_iter().map(|candidate| {
            let fate = if candidate.is_passed_over {
                Fate::PassedOver
            } else if candidate.name == pick.name {
                Fate::Taken
            } else {
                Fate::Later
            };
            let classes = candidate.classes.iter().map(|class| self.library.path(*class)).collect();
            let line = (module == self.own).then(|| {
                let binding = self.library.binding_to(module, &candidate.name, candidate.classes[0]);
                self.line_of(self.library.module(module).bindings[binding].span.start)
            });
            Member { name: candidate.name, role, classes, line, fate }
        });
        members.collect()
    }

    /// Returns the dotted path of a picked class.
    pub(super) fn describe(&self, pick: &Pick) -> String {
        self.library.path(pick.class)
    }

    /// Returns what may surprise about a registration that works.
    pub(super) fn warnings(&mut self, config: &Pick) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let controller_type = &self.declaration.controller_type;
        if !place::UPSTREAM_TYPES.contains(&controller_type.as_str()) {
            warnings.push(Warning::UnknownType { controller_type: controller_type.clone() });
        }
        for (field, declared) in
            [("controller_name", &self.declaration.name), ("controller_type", &self.declaration.controller_type)]
        {
            warnings.extend(self.default_of(config.class, field, declared));
        }
        warnings.extend(self.library.missing().map(|missing| {
            let is_here = missing.importer == self.library.module(self.own).name && missing.start < missing.end;
            Warning::Unresolved {
                what: missing.what.clone(),
                importer: missing.importer.clone(),
                why: missing.why,
                text: is_here.then(|| self.source()),
                place: is_here.then(|| span(&(missing.start..missing.end))),
            }
        }));
        warnings
    }

    fn declared(&self, role: Role) -> &'a str {
        match role {
            Role::Config => &self.declaration.config_class,
            Role::Controller => &self.declaration.class,
        }
    }

    fn looks_in(&self, role: Role) -> usize {
        match role {
            Role::Config => self.own,
            Role::Controller => self.home,
        }
    }

    pub(super) fn root(&self, role: Role) -> ClassId {
        self.roots[usize::from(role == Role::Controller)]
    }

    /// Finds the declared class in the controller's module and confirms its kind.
    fn defined(&mut self, role: Role, declared: &str) -> Result<ClassId, Error> {
        let Some(place) = self.binding_span(declared) else {
            return Err(self.not_defined(role, declared));
        };
        let classes = self.library.classes(self.own, declared);
        let root = self.root(role);
        let found = classes.iter().copied().find(|class| self.library.descends(*class, root));
        found.ok_or_else(|| self.wrong_kind(role, declared, classes.first().copied(), &place))
    }

    /// Lists the names of the module where the loader looks that may stand for a class of the role, in its order.
    pub(super) fn candidates(&mut self, role: Role) -> Vec<Candidate> {
        let module = self.looks_in(role);
        let root = self.root(role);
        let names: Vec<String> = self.library.module(module).namespace.keys().cloned().collect();
        let mut candidates = Vec::new();
        for name in names {
            let mut classes = self.library.classes(module, &name);
            classes.retain(|class| self.library.descends(*class, root));
            if !classes.is_empty() {
                let is_passed_over = classes.iter().all(|class| self.is_passed_over(role, *class));
                candidates.push(Candidate { name, classes, is_passed_over });
            }
        }
        candidates
    }

    /// Configurations are passed over by identity, controllers by the name in their class statement.
    fn is_passed_over(&self, role: Role, class: ClassId) -> bool {
        match role {
            Role::Config => self.config_bases.contains(&class),
            Role::Controller => BASES.iter().any(|(_, _, name)| *name == self.library.class(class).name),
        }
    }

    /// Warns where the first default for a field, up the configuration's ancestors, is not what is declared.
    fn default_of(&mut self, class: ClassId, field: &'static str, declared: &str) -> Option<Warning> {
        let mut seen = BTreeSet::new();
        let mut open = vec![class];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(default) = self.library.class(id).defaults.iter().rev().find(|default| default.field == field)
            else {
                for base in (0..self.library.class(id).bases.len()).rev() {
                    open.extend(self.library.base_classes(id, base));
                }
                continue;
            };
            let value = default.value.clone().filter(|value| value != declared)?;
            let is_here = Library::home(id) == self.own;
            let here = if is_here { default.span.clone() } else { self.binding_span(&self.declaration.config_class)? };
            return Some(Warning::DefaultDiffers {
                class: self.library.path(id),
                field,
                value,
                declared: declared.to_owned(),
                text: self.source(),
                place: span(&here),
            });
        }
        None
    }

    /// Returns where the controller's module last binds a name; `None` if it does not.
    pub(super) fn binding_span(&self, name: &str) -> Option<Range<usize>> {
        let module = self.library.module(self.own);
        let binding = module.namespace.get(name)?.last()?;
        Some(module.bindings[*binding].span.clone())
    }

    fn line_of(&self, start: usize) -> usize {
        self.text[..start].bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    pub(super) fn source(&self) -> NamedSource<String> {
        NamedSource::new(self.file_name, self.text.to_owned()).with_language("Python")
    }
}

pub(super) fn span(range: &Range<usize>) -> SourceSpan {
    SourceSpan::from(range.clone())
}

/// Cuts an error's place to its first line, so that the drawing stays readable, which may be empty.
fn visible(text: &str, range: Range<usize>) -> SourceSpan {
    let first_line = text[range.clone()].find('\n').map_or(range.end, |length| range.start + length);
    span(&(range.start..first_line.max(range.start)))
}
