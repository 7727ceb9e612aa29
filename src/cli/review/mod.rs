//! `hive golden review` in a terminal: what waits, why, and a key for each decision.
//!
//! A decision is carried out at once, and `u` takes it back: what stands on the screen is what stands on the disk.

mod screen;
mod state;

use std::io;

use ratatui::crossterm::event;
use ratatui::crossterm::event::Event;
use ratatui::crossterm::event::KeyEventKind;

use crate::cli::review::state::Ask;
use crate::cli::review::state::Fate;
use crate::cli::review::state::Review;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::golden::pending;
use crate::workflow::golden::pending::Pending;

/// Lets a person decide, and returns what was decided in a sentence, and how many results wait on.
///
/// # Errors
///
/// Tells what the terminal or the disk refused; what was decided before stays.
pub(crate) fn review(project: &Project, waiting: Vec<Pending>) -> Result<(String, usize), Error> {
    let mut review = Review::new(waiting);
    let mut terminal = ratatui::try_init().map_err(|source| Error::Terminal { source })?;
    let ended = run(project, &mut review, &mut terminal);
    ratatui::restore();
    ended.map(|()| (review.told(), review.waiting_count()))
}

fn run(project: &Project, review: &mut Review, terminal: &mut ratatui::DefaultTerminal) -> Result<(), Error> {
    let refused = |source: io::Error| Error::Terminal { source };
    loop {
        terminal.draw(|frame| screen::draw(frame, review)).map_err(refused)?;
        let Event::Key(key) = event::read().map_err(refused)? else { continue };
        if key.kind != KeyEventKind::Press {
            continue;
        }
        match review.key(key) {
            Ask::Nothing => {}
            Ask::Quit => return Ok(()),
            Ask::Decide { items, fate, why } => {
                let selected: Vec<&Pending> = items.iter().map(|item| &review.items[*item].pending).collect();
                let done = match fate {
                    Fate::Accepted => pending::accept(project, &selected, &why),
                    _ => pending::reject(project, &selected),
                };
                review.done(items, fate, done.map_err(|error| error.to_string()));
            }
            Ask::Undo => {
                let undone = project.undo(Some(pending::VERB)).map(|_| ()).map_err(|error| error.to_string());
                review.undone(undone);
            }
        }
    }
}
