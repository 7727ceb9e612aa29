//! What can go wrong with a registration?

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// Why a controller cannot be registered as declared.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The file is not Python 3.
    #[error("`{file}` is not valid Python")]
    #[diagnostic(code("HV0720"))]
    Syntax {
        /// Name of the file.
        file: String,
        /// The file.
        #[source_code]
        text: NamedSource<String>,
        /// Where the parser gave up.
        #[label("not understood from here")]
        place: SourceSpan,
    },
    /// The module ends without a declared name.
    #[error("`{file}` defines no `{class}`, which the recipe declares as its {what}")]
    #[diagnostic(code("HV0721"), help("{advice}"))]
    NotDefined {
        /// The declared name.
        class: String,
        /// What it is declared to be.
        what: &'static str,
        /// Name of the file.
        file: String,
        /// The nearest name, in words.
        advice: String,
        /// The file.
        #[source_code]
        text: NamedSource<String>,
        /// The nearest name, if there is one.
        #[label("the nearest name in the file")]
        place: Option<SourceSpan>,
    },
    /// A declared class does not descend from the base that the loader asks for.
    #[error("`{class}` is declared as the {what} but does not descend from `{base}`")]
    #[diagnostic(code("HV0722"), help("{found}; the loader sees subclasses of `{base}` only"))]
    WrongKind {
        /// The declared class.
        class: String,
        /// What it is declared to be.
        what: &'static str,
        /// The base that the loader asks for.
        base: String,
        /// What the class is made from instead.
        found: String,
        /// The file.
        #[source_code]
        text: NamedSource<String>,
        /// The declared class.
        #[label("expected a subclass of `{base}`")]
        place: SourceSpan,
    },
    /// Another name sorts before the declared one.
    #[error("Hummingbot's loader would take `{taken}` as the {what}, not `{class}`")]
    #[diagnostic(
        code("HV0723"),
        help(
            "the loader goes through the module's names in sorted order, imported ones included, and takes the first {what}; {advice}"
        )
    )]
    OtherTaken {
        /// The name that wins.
        taken: String,
        /// The declared class.
        class: String,
        /// What the loader looks for.
        what: &'static str,
        /// How the winner got into the module.
        bound: &'static str,
        /// The mend.
        advice: String,
        /// The file.
        #[source_code]
        text: NamedSource<String>,
        /// Where the winner is bound.
        #[label("`{taken}` sorts first: {bound}")]
        winner: SourceSpan,
        /// The declared class.
        #[label("declared, but sorts later")]
        place: SourceSpan,
    },
    /// The configuration class is defined in another module, and the loader looks for the controller there.
    #[error("Hummingbot's loader would not take `{class}` as the controller class: it looks in `{home}`")]
    #[diagnostic(
        code("HV0724"),
        help(
            "the loader looks for the controller in the module that defines the configuration class, and `{home}` {found}; derive a configuration class of your own from `{config_class}` in this file and declare that"
        )
    )]
    LooksElsewhere {
        /// The declared controller class.
        class: String,
        /// The declared configuration class.
        config_class: String,
        /// Dotted module where the loader looks.
        home: String,
        /// What it finds there, in words.
        found: String,
        /// The file.
        #[source_code]
        text: NamedSource<String>,
        /// Where the configuration class comes into the file.
        #[label("this configuration class is defined in `{home}`")]
        config: SourceSpan,
        /// The declared controller class.
        #[label("declared, but never looked at")]
        place: SourceSpan,
    },
    /// A declared class is one that the loader never takes.
    #[error("`{class}` cannot be the {what}: Hummingbot's loader passes it over")]
    #[diagnostic(code("HV0725"), help("{advice}"))]
    PassedOver {
        /// The declared class.
        class: String,
        /// What it is declared to be.
        what: &'static str,
        /// The mend.
        advice: String,
        /// The file.
        #[source_code]
        text: NamedSource<String>,
        /// The declared class.
        #[label("passed over")]
        place: SourceSpan,
    },
    /// A name or type of the declaration cannot be a module.
    #[error("`{name}` cannot be a controller's {what}: it is not a name that Python can import")]
    #[diagnostic(
        code("HV0726"),
        help(
            "it becomes a part of `controllers/TYPE/NAME.py`: use ASCII letters, digits and underscores, no digit first and no Python keyword; dots only between the packages of a name"
        )
    )]
    NotAModuleName {
        /// The name as declared.
        name: String,
        /// What it is declared as.
        what: &'static str,
    },
    /// The environment lacks one of the classes that the loader compares with.
    #[error("the upstream tree defines no `{class}` in `{module}`")]
    #[diagnostic(
        code("HV0727"),
        help(
            "the loader compares with this class; a series that moves it, or a release that did, makes every registration fail"
        )
    )]
    NoUpstreamBase {
        /// Dotted module.
        module: String,
        /// The class.
        class: String,
    },
    /// The file goes past a bound, so that a class may have been missed.
    #[error("`{file}` is larger than what is followed of a controller's file")]
    #[diagnostic(
        code("HV0728"),
        help(
            "the bounds are 1 MiB, 50000 bindings, 64 ways to bind one name and 100 levels of blocks; move what is no controller into a module of its own"
        )
    )]
    TooLarge {
        /// Name of the file.
        file: String,
    },
}

/// What does not stop a registration but may surprise.
#[derive(Debug, Error, Diagnostic)]
pub enum Warning {
    /// The configuration's own default is not what the recipe declares.
    #[error("`{class}` has `{field}` = `{value}`, but the recipe registers it as `{declared}`")]
    #[diagnostic(
        severity(Warning),
        code("HV0740"),
        help(
            "a configuration that Hummingbot's `create` writes carries the default, and loads another controller; set it to `{declared}`"
        )
    )]
    DefaultDiffers {
        /// Dotted path of the class that has the default: the configuration class or one that it inherits from.
        class: String,
        /// The field.
        field: &'static str,
        /// Its default.
        value: String,
        /// What the recipe declares.
        declared: String,
        /// The file.
        #[source_code]
        text: NamedSource<String>,
        /// The default, or the configuration class that inherits it.
        #[label("`{value}` by default")]
        place: SourceSpan,
    },
    /// The controller's type is none of upstream's.
    #[error("`{controller_type}` is not one of upstream's controller types")]
    #[diagnostic(
        severity(Warning),
        code("HV0741"),
        help(
            "upstream has `directional_trading`, `generic` and `market_making`; others load too, if every configuration names them"
        )
    )]
    UnknownType {
        /// The type as declared.
        controller_type: String,
    },
    /// A name of Hummingbot's or of a controller could not be followed, so a class behind it is not known.
    #[error("`{importer}` asks for `{what}`, which cannot be followed: {why}")]
    #[diagnostic(
        severity(Warning),
        code("HV0742"),
        help("if a controller or configuration class stands behind it, the check above did not see it")
    )]
    Unresolved {
        /// The module or name that is missing.
        what: String,
        /// Dotted module that asks for it.
        importer: String,
        /// Why it could not be followed.
        why: &'static str,
        /// The controller's file, if it is the one that asks.
        #[source_code]
        text: Option<NamedSource<String>>,
        /// Where it asks.
        #[label("asked for here")]
        place: Option<SourceSpan>,
    },
}
