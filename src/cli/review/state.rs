//! What a review knows, and what each key does to it. Nothing here draws or writes.

use ratatui::crossterm::event::KeyCode;
use ratatui::crossterm::event::KeyEvent;
use ratatui::crossterm::event::KeyModifiers;

use crate::cli::print::counted;
use crate::workflow::golden::pending::Pending;

/// How many lines a page is.
const PAGE: u16 = 10;

/// What became of a result that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing yet.
    Waiting,
    /// It is a golden now.
    Accepted,
    /// It is forgotten.
    Rejected,
    /// It waits on, and was looked at.
    Skipped,
}

impl Fate {
    /// Returns a sign that tells it without colour.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Waiting => " ",
            Self::Accepted => "+",
            Self::Rejected => "x",
            Self::Skipped => "~",
        }
    }
}

/// A result that waits or waited.
pub(super) struct Item {
    pub(super) pending: Pending,
    pub(super) fate: Fate,
}

/// What the keys are for at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// One looks and decides.
    Browse,
    /// One writes why the results are accepted: of these items.
    Reason { items: Vec<usize>, text: String },
    /// One reads what the keys do.
    Help,
}

/// What has to be done outside.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Nothing.
    Nothing,
    /// Accept or reject, all as one.
    Decide { items: Vec<usize>, fate: Fate, why: String },
    /// Take the last decision back.
    Undo,
    /// End the review.
    Quit,
}

/// A review.
pub(super) struct Review {
    pub(super) items: Vec<Item>,
    pub(super) selected: usize,
    /// The first line of the explanation that is shown.
    pub(super) scroll: u16,
    pub(super) mode: Mode,
    /// What was done last, or what went wrong.
    pub(super) note: String,
    /// The reason that was given last, which often holds for the next one, too.
    reason: String,
    /// The decisions, as they can be taken back.
    decisions: Vec<Vec<usize>>,
}

impl Review {
    pub(super) fn new(waiting: Vec<Pending>) -> Self {
        let items = waiting.into_iter().map(|pending| Item { pending, fate: Fate::Waiting }).collect();
        Self {
            items,
            selected: 0,
            scroll: 0,
            mode: Mode::Browse,
            note: String::new(),
            reason: String::new(),
            decisions: Vec::new(),
        }
    }

    /// Takes a key, and returns what has to be done about it.
    pub(super) fn key(&mut self, key: KeyEvent) -> Ask {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Ask::Quit;
        }
        self.note.clear();
        match std::mem::replace(&mut self.mode, Mode::Browse) {
            Mode::Browse => self.browse(key.code),
            Mode::Help => Ask::Nothing,
            Mode::Reason { items, text } => self.write(key.code, items, text),
        }
    }

    fn browse(&mut self, code: KeyCode) -> Ask {
        match code {
            KeyCode::Up | KeyCode::Char('k') => self.select(self.selected.saturating_sub(1)),
            KeyCode::Down | KeyCode::Char('j') => self.select(self.selected + 1),
            KeyCode::Home | KeyCode::Char('g') => self.select(0),
            KeyCode::End | KeyCode::Char('G') => self.select(usize::MAX),
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll = self.scroll.saturating_add(PAGE),
            KeyCode::PageUp | KeyCode::Char('b') => self.scroll = self.scroll.saturating_sub(PAGE),
            KeyCode::Char('s') => {
                if self.items[self.selected].fate == Fate::Waiting {
                    self.items[self.selected].fate = Fate::Skipped;
                }
                self.next();
            }
            KeyCode::Char('a') => self.ask_reason(vec![self.selected]),
            KeyCode::Char('A') => self.ask_reason((0..self.items.len()).collect()),
            KeyCode::Char('r') => return self.decide(vec![self.selected], Fate::Rejected, String::new()),
            KeyCode::Char('R') => {
                return self.decide((0..self.items.len()).collect(), Fate::Rejected, String::new());
            }
            KeyCode::Char('u') if self.decisions.is_empty() => "nothing was decided yet".clone_into(&mut self.note),
            KeyCode::Char('u') => return Ask::Undo,
            KeyCode::Char('?' | 'h') => self.mode = Mode::Help,
            KeyCode::Char('q') | KeyCode::Esc => return Ask::Quit,
            _ => {}
        }
        Ask::Nothing
    }

    fn write(&mut self, code: KeyCode, items: Vec<usize>, mut text: String) -> Ask {
        match code {
            KeyCode::Esc => {
                "nothing was accepted".clone_into(&mut self.note);
                return Ask::Nothing;
            }
            KeyCode::Enter if text.trim().is_empty() => {
                "a reason is kept with the golden: say why the new result is right".clone_into(&mut self.note);
            }
            KeyCode::Enter => {
                self.reason.clone_from(&text);
                return self.decide(items, Fate::Accepted, text.trim().to_owned());
            }
            KeyCode::Backspace => drop(text.pop()),
            KeyCode::Char(character) => text.push(character),
            _ => {}
        }
        self.mode = Mode::Reason { items, text };
        Ask::Nothing
    }

    /// Asks why undecided items are accepted.
    fn ask_reason(&mut self, items: Vec<usize>) {
        let items = self.undecided(items);
        if items.is_empty() {
            "that is decided already; `u` takes the last decision back".clone_into(&mut self.note);
            return;
        }
        self.mode = Mode::Reason { items, text: self.reason.clone() };
    }

    fn decide(&mut self, items: Vec<usize>, fate: Fate, why: String) -> Ask {
        let items = self.undecided(items);
        if items.is_empty() {
            "that is decided already; `u` takes the last decision back".clone_into(&mut self.note);
            return Ask::Nothing;
        }
        Ask::Decide { items, fate, why }
    }

    fn undecided(&self, items: Vec<usize>) -> Vec<usize> {
        let is_open = |item: &usize| matches!(self.items[*item].fate, Fate::Waiting | Fate::Skipped);
        items.into_iter().filter(is_open).collect()
    }

    /// Takes note of a decision that was carried out, or of why it was not.
    pub(super) fn done(&mut self, items: Vec<usize>, fate: Fate, done: Result<(), String>) {
        if let Err(problem) = done {
            self.note = problem;
            return;
        }
        for item in &items {
            self.items[*item].fate = fate;
        }
        let word = if fate == Fate::Accepted { "accepted" } else { "rejected" };
        self.note = match items.as_slice() {
            [item] => format!("{} {word}", self.items[*item].pending.name()),
            _ => format!("{} {word}", counted(items.len(), "result")),
        };
        self.decisions.push(items);
        self.next();
    }

    /// Takes note of a decision that was taken back, or of why it was not.
    pub(super) fn undone(&mut self, undone: Result<(), String>) {
        match (undone, self.decisions.last().cloned()) {
            (Err(problem), _) => self.note = problem,
            (Ok(()), Some(items)) => {
                self.decisions.pop();
                for item in &items {
                    self.items[*item].fate = Fate::Waiting;
                }
                self.select(items[0]);
                "the last decision was taken back".clone_into(&mut self.note);
            }
            (Ok(()), None) => {}
        }
    }

    fn select(&mut self, index: usize) {
        self.selected = index.min(self.items.len() - 1);
        self.scroll = 0;
    }

    /// Goes to the next item that nobody has looked at, from here on and around.
    fn next(&mut self) {
        let count = self.items.len();
        let around = (1..count).map(|step| (self.selected + step) % count);
        if let Some(index) = around.into_iter().find(|index| self.items[*index].fate == Fate::Waiting) {
            self.select(index);
        } else {
            self.select(self.selected + 1);
        }
    }

    /// Counts the items that wait on.
    pub(super) fn waiting_count(&self) -> usize {
        self.count(Fate::Waiting) + self.count(Fate::Skipped)
    }

    /// Counts the items of a fate.
    fn count(&self, fate: Fate) -> usize {
        self.items.iter().filter(|item| item.fate == fate).count()
    }

    /// Returns what was decided, in a sentence.
    pub(super) fn told(&self) -> String {
        let [accepted, rejected] = [Fate::Accepted, Fate::Rejected].map(|fate| self.count(fate));
        format!("{accepted} accepted, {rejected} rejected, {} waiting", self.waiting_count())
    }
}
