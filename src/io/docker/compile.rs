//! How is something made in a builder container: files in, a command, files out?

use std::io;
use std::io::Read;
use std::io::Write;
use std::time::Duration;

use crate::io::docker::Engine;
use crate::io::docker::Entry;
use crate::io::docker::Error;
use crate::io::docker::container::Plan;
use crate::io::docker::lines::Lines;
use crate::io::docker::run::Channel;
use crate::io::docker::run::in_words;
use crate::io::script::Ended;

/// How many of the last lines are shown of a command that failed.
const TAIL_COUNT: usize = 30;

/// A command to run in a builder container, without a network.
#[derive(Debug, Clone)]
pub struct Compile<'c> {
    /// The image with the compiler.
    pub image: &'c str,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// `NAME=VALUE`, on top of the image's environment.
    pub environment: Vec<String>,
    /// The folder that it starts in, absolute.
    pub folder: &'c str,
    /// The folder that its results are taken from, absolute.
    pub results: &'c str,
    /// How long it may run.
    pub timeout: Duration,
    /// How much memory it may take, in bytes; `None` for what the engine has.
    pub memory_bytes: Option<i64>,
}

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
            command: order.command.join(" "),
            image: order.image.to_owned(),
            how,
            mend,
            tail: told.tail(TAIL_COUNT),
        };
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
