//! The container side of [`crate::io::script`]: how does a Python program of ours run inside an image?

use std::io;
use std::io::Write;
use std::time::Duration;

use crate::io::docker::Engine;
use crate::io::docker::Error;
use crate::io::docker::container::Plan;
use crate::io::docker::lines::Lines;
use crate::io::docker::run::Channel;
use crate::io::script::ANSWER_BYTES_MAX;
use crate::io::script::Output;
use crate::io::script::Script;

/// The folder of the script in the container, below the root.
const FOLDER: &str = "hive-script";

impl Engine {
    /// Runs a script in a fresh container of an image: without a network, without rights, within its limits. `python` is
    /// what is run, with the script's entry and arguments behind it. The container is gone afterwards.
    ///
    /// # Errors
    ///
    /// Says what the engine refused; [`Error::NoImage`], [`Error::NotStarted`] when the image has no such program, and
    /// [`Error::TooLarge`] for an answer that is. A script that fails is no error.
    pub fn run_script(
        &self,
        image: &str,
        python: &[String],
        script: &Script,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<Output, Error> {
        let folder = format!("/{FOLDER}");
        let mut command = python.to_vec();
        command.push(format!("{folder}/{}", script.entry));
        command.extend(script.arguments.iter().cloned());
        let program = command.first().cloned().unwrap_or_default();
        let plan = Plan {
            image,
            purpose: "script",
            command,
            folder: Some(&folder),
            memory_bytes: Some(i64::from(script.limits.memory_mb) << 20),
            ..Plan::default()
        };
        let container = self.create(&plan)?;
        container.put("/", |into| pack(script, into))?;
        let mut stdout = Vec::new();
        let mut talk = Lines::default();
        let limit = Duration::from_secs(script.limits.timeout_s.into());
        let ended = container.run(limit, &mut |channel, piece| {
            match channel {
                Channel::Talk => talk.push(piece, on_line),
                Channel::Output if stdout.len() + piece.len() > ANSWER_BYTES_MAX => {
                    let limit = ANSWER_BYTES_MAX as u64;
                    return Err(Error::TooLarge { what: "the program's answer".to_owned(), limit });
                }
                Channel::Output => stdout.extend_from_slice(piece),
            }
            Ok(())
        });
        let ended = ended.map_err(|error| error.about_start(&program, image))?;
        Ok(Output { ended, stdout, talk: talk.end(on_line) })
    }
}

/// Packs the script's files into an archive with a folder that whoever runs them may write to.
fn pack(script: &Script, into: &mut dyn Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(into);
    let header = |kind, size, mode| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(mode);
        header.set_mtime(0);
        header
    };
    archive.append_data(&mut header(tar::EntryType::Directory, 0, 0o777), FOLDER, io::empty())?;
    for (name, bytes) in &script.files {
        let mut header = header(tar::EntryType::Regular, bytes.len() as u64, 0o644);
        archive.append_data(&mut header, format!("{FOLDER}/{name}"), bytes.as_slice())?;
    }
    archive.finish()
}
