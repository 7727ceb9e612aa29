//! Which controllers' configurations have a name, and what do they say?

use std::fs;
use std::io::Read as _;
use std::path::Path;

use serde_json::Map;
use serde_json::Value;

use crate::recipe::schema::nearest;
use crate::workflow::backtest::CONFIG_BYTES_MAX;
use crate::workflow::backtest::Desk;
use crate::workflow::backtest::Problem;

/// The endings of configuration files.
const ENDINGS: [&str; 2] = ["yml", "yaml"];

/// The most names that are listed.
const NAMES_MAX: usize = 10_000;

impl Desk {
    /// Returns the names of the configurations in the folder, sorted; none where there is no folder.
    #[must_use]
    pub fn configs(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.configs).into_iter().flatten().flatten().take(NAMES_MAX);
        let mut names: Vec<String> = entries
            .filter(|entry| entry.path().is_file() && has_ending(&entry.path()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    /// Returns the configuration of a name, with or without its ending.
    ///
    /// # Errors
    ///
    /// Refuses a name that leads out of the folder, and says what is wrong with the file.
    pub(super) fn config(&self, name: &str) -> Result<Map<String, Value>, Problem> {
        let problem = |message: String, hint: Option<String>| {
            Err(Problem { loc: vec!["config".to_owned()], message, code: "HV0822", kind: "value_error", hint })
        };
        // A separator, a drive or a parent has no place in a name, whatever the file system makes of it.
        let is_plain = !name.is_empty()
            && name.len() <= 255
            && !name.starts_with('.')
            && !name.chars().any(|character| "/\\:".contains(character) || character.is_control());
        if !is_plain {
            let hint = "give the name of a file in the folder of configurations, without a path";
            return problem(format!("`{}` is not a configuration's name", shown(name)), Some(hint.to_owned()));
        }
        let known = self.configs();
        let is_meant =
            |known: &&String| *known == name || ENDINGS.iter().any(|ending| **known == format!("{name}.{ending}"));
        let Some(file) = known.iter().find(is_meant) else {
            let near = nearest(name, known.iter().map(String::as_str));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "there are none; `hive serve --configs` names their folder".to_owned(),
                None => format!("there are {}", known.join(", ")),
            };
            return problem(format!("there is no configuration `{}`", shown(name)), Some(hint));
        };
        let text = match read(&self.configs.join(file)) {
            Ok(text) => text,
            Err(message) => return problem(format!("configuration `{file}` cannot be read: {message}"), None),
        };
        match serde_yaml_ng::from_str::<Value>(&text) {
            Ok(Value::Object(values)) => Ok(values),
            Ok(_) => problem(format!("configuration `{file}` is not a table of keys and values"), None),
            Err(error) => {
                let at = error.location().map(|at| format!(" at line {}", at.line())).unwrap_or_default();
                problem(format!("configuration `{file}` is not YAML{at}: {error}"), None)
            }
        }
    }
}

fn has_ending(path: &Path) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.contains(&ending))
}

fn read(path: &Path) -> Result<String, String> {
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut text = String::new();
    file.take(CONFIG_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > CONFIG_BYTES_MAX {
        Err(format!("it is larger than {CONFIG_BYTES_MAX} bytes"))
    } else {
        Ok(text)
    }
}

/// Returns a name as messages show it: on one line, and not for ever.
pub(super) fn shown(name: &str) -> String {
    const SHOWN: usize = 80;
    let text: String = name.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if name.chars().count() > SHOWN { format!("{text}…") } else { text }
}
