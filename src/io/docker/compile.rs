//! How is something made in a builder container: files in, a command, files out?

use std::io;
use std::io::Read;
use std::io::Write;

use crate::io::docker::Compile;
use crate::io::docker::Engine;
use crate::io::docker::Entry;
use crate::io::docker::Error;
use crate::io::docker::container::Plan;
use crate::io::docker::fault::is_full;
use crate::io::docker::lines::Lines;
use crate::io::docker::run::Channel;
use crate::io::docker::run::in_words;
use crate::io::script::Ended;

/// How many of the last lines are shown of a command that failed.
const TAIL_COUNT: usize = 30;

/// How much of a command is shown.
const COMMAND_CHARS_MAX: usize = 80;

impl Engine {
    /// Runs a command in a fresh container, as root and without a network. `files` writes a tar archive of what is there when
    /// it starts, with paths from the root; each line that the command writes is told; each of the results is, when it has
    /// succeeded. The container is gone afterwards.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotCompiled`] with the last lines when the command fails or leaves no results; says what the engine
    /// refused; and [`Error::Local`] when `files` or `results` failed.
    pub fn compile(
        &self,
        order: &Compile,
        files: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
        on_line: &mut dyn FnMut(&str),
        results: &mut dyn FnMut(&Entry, &mut dyn Read) -> io::Result<bool>,
    ) -> Result<(), Error> {
        let program = order.command.first().cloned().unwrap_or_default();
        let plan = Plan {
            image: order.image,
            purpose: "compile",
            command: order.command.clone(),
            environment: order.environment.clone(),
            folder: Some(order.folder),
            memory_bytes: order.memory_bytes,
            // Whatever user the image is for: what is compiled in is thrown away.
            user: Some("0:0"),
            ..Plan::default()
        };
        let container = self.create(&plan)?;
        container.put("/", files)?;
        // A line of one channel may begin while one of the other is open.
        let (mut output, mut talk) = (Lines::default(), Lines::default());
        let mut told = Lines::default();
        let ended = container.run(order.timeout, &mut |channel, piece| {
            let lines = if channel == Channel::Talk { &mut talk } else { &mut output };
            lines.push(piece, &mut |line| {
                on_line(line);
                told.push(format!("{line}\n").as_bytes(), &mut |_| {});
            });
            Ok(())
        });
        let ended = ended.map_err(|error| error.about_start(&program, order.image))?;
        for lines in [output, talk] {
            lines.finish(&mut |line| {
                on_line(line);
                told.push(format!("{line}\n").as_bytes(), &mut |_| {});
            });
        }
        let failed = |how: String, mend| Error::NotCompiled {
            command: short(&order.command),
            image: order.image.to_owned(),
            how,
            mend,
            tail: told.tail(TAIL_COUNT),
        };
        if ended != Ended::Exit(0)
            && let Some(line) = told.tail(TAIL_COUNT).into_iter().rev().find(|line| is_full(line))
        {
            return Err(Error::NoSpace { doing: "run a container", message: line });
        }
        match ended {
            Ended::Exit(0) => {}
            Ended::OutOfMemory => {
                return Err(failed(in_words(ended), "give the engine more memory, or compile less at once"));
            }
            Ended::TimedOut => {
                return Err(failed(in_words(ended), "a faster machine, or fewer extensions, take less time"));
            }
            Ended::Exit(_) | Ended::Signal(_) => {
                return Err(failed(in_words(ended), "see whether the image has all that it takes"));
            }
        }
        if !container.take(order.results, results)? {
            let how = format!("left nothing at `{}`", order.results);
            return Err(failed(how, "see what it did instead"));
        }
        Ok(())
    }
}

/// Returns the beginning of a command, as much as a line holds.
fn short(command: &[String]) -> String {
    let text = command.join(" ");
    match text.char_indices().nth(COMMAND_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
