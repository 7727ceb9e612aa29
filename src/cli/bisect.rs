//! `hive bisect`: which of all that changed made a scenario's result another one.

use crate::cli::arguments::Bisect;
use crate::cli::arguments::Global;
use crate::cli::attribution;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::bisect;
use crate::workflow::bisect::Question;
use crate::workflow::bisect::Walked;

pub(crate) fn run(options: &Bisect, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(std::slice::from_ref(&options.target), printer)?;
    let (file, scenario) = place::target(&project, &options.target)?;
    let Some(scenario) = scenario else {
        printer.note_always(&format!(
            "error: `{}` is a recipe, and one scenario is bisected at a time\n  hint: name it, `{}/SCENARIO`",
            options.target, options.target
        ));
        return Ok(Exit::Usage);
    };
    let question = Question {
        file: &file,
        scenario,
        from: options.from.clone(),
        to: options.to.clone(),
        releases: options.releases,
        metric: options.metric.as_deref(),
        budget: options.runs,
    };
    let bisected = bisect::bisect(&project, &question, global.options(), &printer.progress())?;
    let exit = if bisected.attribution.drifts() { Exit::Drift } else { Exit::Fine };
    if printer.is_json() {
        printer.json(&bisected);
        return Ok(exit);
    }
    let mut page = String::new();
    if let Some(walked) = &bisected.releases {
        page += &walk(walked);
    }
    page += &attribution::drawn(&bisected.attribution);
    printer.result(&page);
    Ok(exit)
}

fn walk(walked: &Walked) -> String {
    let found = match &walked.first_different {
        Some(first) => {
            format!("first different in {}, the same up to {}", toned(Tone::Strong, first), walked.last_same)
        }
        None => format!("the same up to {}", walked.last_same),
    };
    let mut lines = vec![found, format!("{} asked: {}", walked.asked_count, walked.words)];
    if !walked.undecided.is_empty() {
        let (count, names) = (counted(walked.undecided.len(), "release"), walked.undecided.join(", "));
        lines.push(format!("nothing is known of {count} between: {names}"));
    }
    lines.extend(walked.note.clone());
    format!("releases  {}\n\n", lines.join("\n          "))
}
