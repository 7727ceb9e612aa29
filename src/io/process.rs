//! How does a program run within bounds, and what did it say?
//!
//! The program gets exactly the environment that it is given, a group of its own, and an end: when its time is over, when
//! it takes too much memory, or when the user stops hive, the whole group is killed, whatever the program has started.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use miette::Diagnostic;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::WaitId;
use rustix::process::WaitIdOptions;
use thiserror::Error;

use crate::io::interrupt::Listening;
use crate::io::script::ANSWER_BYTES_MAX;
use crate::io::script::Ended;
use crate::io::script::Output;
use crate::io::script::TALK_BYTES_MAX;

/// How often a running program is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// How often its memory is counted.
const COUNT: Duration = Duration::from_millis(200);

/// A longer line of standard error is cut into several.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// How many lines wait to be looked at before the program has to.
const WAITING_LINES_MAX: usize = 1024;

/// A program to start, with its bounds.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program: a path, or a name that is looked for on hive's own `PATH`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Its whole environment: nothing of hive's own is handed on that is not in here.
    pub environment: Vec<(OsString, OsString)>,
    /// What it reads from standard input.
    pub stdin: Vec<u8>,
    /// How long it may run; `None` for ever.
    pub timeout: Option<Duration>,
    /// How much memory it and all that it starts may hold, in bytes; `None` without a bound. Counted on Linux only.
    pub memory_bytes: Option<u64>,
}

impl Program {
    /// Returns a program without arguments, environment and bounds.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, folder: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            folder: folder.into(),
            environment: Vec::new(),
            stdin: Vec::new(),
            timeout: None,
            memory_bytes: None,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds a variable to the environment.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Hands on those of hive's own variables that are named and set.
    #[must_use]
    pub fn inheriting(mut self, names: &[&str]) -> Self {
        let set = names.iter().filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)));
        self.environment.extend(set);
        self
    }
}

/// Why a program has no end to report.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// The program could not be started.
    #[error("`{}` cannot be started", program.display())]
    #[diagnostic(code("HV0410"), help("see that the file is there and may be executed"))]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What it was to read, or what it wrote, could not be passed on.
    #[error("`{}` was stopped, since hive could not read what it wrote", program.display())]
    #[diagnostic(code("HV0411"), help("run it again; the cause says what the system refused"))]
    Broken {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It wrote more to standard output than an answer may have.
    #[error("`{}` wrote more than {} MiB to standard output", program.display(), ANSWER_BYTES_MAX / 1024 / 1024)]
    #[diagnostic(code("HV0412"), help("replay a shorter window"))]
    TooMuch {
        /// The program.
        program: PathBuf,
    },
    /// The user stopped hive.
    #[error("`{}` was stopped, since hive was", program.display())]
    #[diagnostic(code("HV0413"), help("nothing is left running; start hive again"))]
    Interrupted {
        /// The program.
        program: PathBuf,
    },
}

/// Starts a program, hands on each line of its standard error, and waits until it has ended.
///
/// # Errors
///
/// Says that the program cannot be started, or that it was stopped because hive was. How a program ends is no error.
pub fn run(program: &Program, on_line: &mut dyn FnMut(&str)) -> Result<Output, Error> {
    let stop = Listening::begin();
    let not_started = |source| Error::NotStarted { program: program.program.clone(), source };
    let mut command = Command::new(&program.program);
    command
        .args(&program.arguments)
        .current_dir(&program.folder)
        .env_clear()
        .envs(program.environment.iter().map(|(name, value)| (name, value)))
        .stdin(if program.stdin.is_empty() { Stdio::null() } else { Stdio::piped() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut group = Group { child: command.spawn().map_err(not_started)?, ended: false };
    let taken = "a piped stream is there once";
    let (stdout, stderr) = (group.child.stdout.take().expect(taken), group.child.stderr.take().expect(taken));
    let stdin = group.child.stdin.take();
    let (lines, waiting) = mpsc::sync_channel::<String>(WAITING_LINES_MAX);
    thread::scope(|scope| {
        scope.spawn(move || {
            if let Some(mut stdin) = stdin {
                // A program that does not read to the end has its reasons.
                let _ = stdin.write_all(&program.stdin);
            }
        });
        let answer = scope.spawn(move || whole(stdout));
        scope.spawn(move || split(stderr, &lines));
        let mut watch = Watch { program, on_line, talk: Talk::default(), stop: &stop };
        let ended = watch.until_the_end(&mut group, &waiting);
        // Whatever the program has left behind holds the pipes open.
        group.kill();
        for line in waiting {
            watch.say(&line);
        }
        let talk = watch.talk.text();
        let answer = answer.join().expect("reading does not panic");
        let broken = |source| Error::Broken { program: program.program.clone(), source };
        let ended = ended.map_err(broken)?.ok_or_else(|| Error::Interrupted { program: program.program.clone() })?;
        let stdout = answer.map_err(broken)?.ok_or_else(|| Error::TooMuch { program: program.program.clone() })?;
        Ok(Output { ended, stdout, talk })
    })
}

/// Reads a stream to its end; `None` for one that is longer than an answer may be.
fn whole(stream: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= ANSWER_BYTES_MAX).then_some(bytes))
}

/// Sends each line of a stream on, without its end.
fn split(stream: impl Read, lines: &mpsc::SyncSender<String>) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = stream.by_ref().take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            return;
        }
        let text = String::from_utf8_lossy(&line);
        if lines.send(text.trim_end_matches(['\n', '\r']).to_owned()).is_err() {
            return;
        }
    }
}

/// Watches a program until it ends or has to.
struct Watch<'a> {
    program: &'a Program,
    on_line: &'a mut dyn FnMut(&str),
    talk: Talk,
    stop: &'a Listening,
}

impl Watch<'_> {
    /// Returns how the program ended; `None` where the user stopped hive.
    fn until_the_end(&mut self, group: &mut Group, waiting: &mpsc::Receiver<String>) -> io::Result<Option<Ended>> {
        let started = Instant::now();
        let mut counted = started;
        loop {
            match waiting.recv_timeout(GLANCE) {
                Ok(line) => self.say(&line),
                Err(RecvTimeoutError::Timeout) => {}
                // It has closed its standard error and may still work.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(GLANCE),
            }
            if let Some(ended) = group.ended()? {
                return Ok(Some(ended));
            }
            if self.stop.is_asked_to_stop() {
                return Ok(None);
            }
            let now = Instant::now();
            if self.program.timeout.is_some_and(|timeout| now - started >= timeout) {
                return Ok(Some(Ended::TimedOut));
            }
            if let Some(most) = self.program.memory_bytes
                && now - counted >= COUNT
            {
                counted = now;
                if memory_of_group(group.id()) > most {
                    return Ok(Some(Ended::OutOfMemory));
                }
            }
        }
    }

    fn say(&mut self, line: &str) {
        (self.on_line)(line);
        self.talk.add(line);
    }
}

/// The end of what a program said.
#[derive(Default)]
struct Talk {
    lines: VecDeque<String>,
    byte_count: usize,
}

impl Talk {
    fn add(&mut self, line: &str) {
        self.byte_count += line.len() + 1;
        self.lines.push_back(line.to_owned());
        while self.byte_count > TALK_BYTES_MAX {
            let Some(first) = self.lines.pop_front() else { return };
            self.byte_count -= first.len() + 1;
        }
    }

    fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}

/// A program with all that it has started; killed when it is dropped.
struct Group {
    child: Child,
    ended: bool,
}

impl Group {
    fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns how the program ended, if it has. It is not reaped: as long as it is not, nobody else gets its number.
    fn ended(&self) -> io::Result<Option<Ended>> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = rustix::process::waitid(WaitId::Pid(Pid::from_child(&self.child)), options)?;
        Ok(status.map(|status| match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ended::Exit(code),
            (None, Some(signal)) => Ended::Signal(signal),
            (None, None) => Ended::Signal(0),
        }))
    }

    fn kill(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        // What has gone by itself needs no killing.
        let _ = rustix::process::kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns how much memory the processes of a group hold, in bytes; 0 where the system does not say.
fn memory_of_group(group: u32) -> u64 {
    let page = rustix::param::page_size() as u64;
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|process| memory_of(&process.path(), group)).sum::<u64>() * page
}

/// Returns how many pages a process holds, if it is of a group.
fn memory_of(process: &Path, group: u32) -> Option<u64> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // The name stands in parentheses and may hold anything; behind it are state, parent and group.
    let (_, fields) = stat.rsplit_once(')')?;
    let of = fields.split_ascii_whitespace().nth(2)?.parse::<u32>().ok()?;
    if of != group {
        return None;
    }
    // Resident pages less those of files, which programs share.
    let counts = fs::read_to_string(process.join("statm")).ok()?;
    let mut counts = counts.split_ascii_whitespace().map(|count| count.parse::<u64>().unwrap_or(0));
    let (resident, shared) = (counts.nth(1)?, counts.next()?);
    Some(resident.saturating_sub(shared))
}
