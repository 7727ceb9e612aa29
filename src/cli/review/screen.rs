//! How a review looks: what waits at the left, why at the right, the keys below.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::Constraint;
use ratatui::layout::Layout;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;
use ratatui::text::Text;
use ratatui::widgets::Block;
use ratatui::widgets::Borders;
use ratatui::widgets::Clear;
use ratatui::widgets::List;
use ratatui::widgets::ListState;
use ratatui::widgets::Paragraph;

use crate::cli::golden;
use crate::cli::review::state::Fate;
use crate::cli::review::state::Mode;
use crate::cli::review::state::Review;

/// A screen narrower than this has no room for the list beside the explanation.
const LIST_WIDTH_MIN: u16 = 100;

const KEYS: &str =
    " a accept  r reject  s skip  A/R all the rest  u undo  up/down choose  space/b scroll  ? help  q quit";

const HELP: &str = "
  a        accept this result; asks for the reason, which the golden keeps
  r        reject it: it is forgotten, the golden stays
  s        skip it: it waits on
  A, R     accept or reject all that is not decided
  u        take the last decision back
  up, k    the one before       down, j  the next one
  space    further down         b        back up
  q, esc   end; what was decided is done already

  + accepted   x rejected   ~ skipped
";

pub(super) fn draw(frame: &mut Frame<'_>, review: &Review) {
    let [title, body, note, keys] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(3), Constraint::Length(1), Constraint::Length(1)])
            .areas(frame.area());
    draw_title(frame, title, review);
    if body.width < LIST_WIDTH_MIN {
        draw_explanation(frame, body, review);
    } else {
        let names = review.items.iter().map(|item| item.pending.name().chars().count()).max().unwrap_or_default();
        let width = u16::try_from(names).unwrap_or(u16::MAX).saturating_add(6).clamp(20, body.width / 3);
        let [list, explanation] = Layout::horizontal([Constraint::Length(width), Constraint::Min(40)]).areas(body);
        draw_list(frame, list, review);
        draw_explanation(frame, explanation, review);
    }
    match &review.mode {
        Mode::Reason { items, text } => {
            let whom = match items.as_slice() {
                [item] => review.items[*item].pending.name(),
                _ => format!("{} results", items.len()),
            };
            let hint = if review.note.is_empty() { "" } else { "  " };
            let asked = Line::from(vec![
                Span::styled(format!(" why is {whom} right? "), Style::new().add_modifier(Modifier::BOLD)),
                Span::raw(text.as_str()),
                Span::styled("_", Style::new().add_modifier(Modifier::SLOW_BLINK)),
                Span::raw(format!("{hint}{}", review.note)),
            ]);
            frame.render_widget(asked, note);
            frame.render_widget(Line::styled(" enter accepts  esc does not", faint()), keys);
        }
        mode => {
            frame.render_widget(Line::raw(format!(" {}", review.note)), note);
            frame.render_widget(Line::styled(KEYS, faint()), keys);
            if *mode == Mode::Help {
                draw_help(frame, body);
            }
        }
    }
}

fn draw_title(frame: &mut Frame<'_>, area: Rect, review: &Review) {
    let item = &review.items[review.selected];
    let left = format!(" {}  {}", item.pending.name(), golden::state(&item.pending));
    let right = format!("{} of {}   {} ", review.selected + 1, review.items.len(), review.told());
    let gap = usize::from(area.width).saturating_sub(left.chars().count() + right.chars().count()).max(2);
    let text = format!("{left}{}{right}", " ".repeat(gap));
    frame.render_widget(Line::styled(text, Style::new().add_modifier(Modifier::REVERSED)), area);
}

fn draw_list(frame: &mut Frame<'_>, area: Rect, review: &Review) {
    let lines = review.items.iter().map(|item| {
        let style = match item.fate {
            Fate::Waiting => Style::new(),
            Fate::Accepted => Style::new().fg(Color::Green),
            Fate::Rejected => Style::new().fg(Color::Red),
            Fate::Skipped => faint(),
        };
        Line::styled(format!("{} {}", item.fate.sign(), item.pending.name()), style)
    });
    let block = Block::new().borders(Borders::RIGHT).border_style(faint());
    let list = List::new(lines).block(block).highlight_symbol("> ");
    let list = list.highlight_style(Style::new().add_modifier(Modifier::BOLD));
    let mut state = ListState::default().with_selected(Some(review.selected));
    frame.render_stateful_widget(list, area, &mut state);
}

fn draw_explanation(frame: &mut Frame<'_>, area: Rect, review: &Review) {
    let item = &review.items[review.selected];
    let mut text = String::new();
    if let Some(reason) = item.pending.result.reasons.last() {
        let _ = writeln!(text, "  last accepted for: {}", reason.why);
    }
    text += &golden::explained(&item.pending);
    let lines: Vec<Line<'_>> = text.lines().map(styled).collect();
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let last = count.saturating_sub(area.height);
    let scroll = review.scroll.min(last);
    frame.render_widget(Paragraph::new(Text::from(lines)).scroll((scroll, 0)), area);
    if scroll < last && area.height > 1 {
        let more = format!(" {} more lines: space ", count - scroll - area.height);
        let width = u16::try_from(more.len()).unwrap_or(area.width).min(area.width);
        let at = Rect { x: area.right() - width, y: area.bottom() - 1, width, height: 1 };
        frame.render_widget(Clear, at);
        frame.render_widget(Line::styled(more, faint()), at);
    }
}

/// Sets off headings and what differs; the words say it as well.
fn styled(line: &str) -> Line<'_> {
    let is_heading = line.starts_with("  first event") || line.starts_with("  metric ") || line.starts_with("  field ");
    if is_heading {
        Line::styled(line, Style::new().add_modifier(Modifier::BOLD))
    } else if line.ends_with(" differs") {
        Line::styled(line, Style::new().fg(Color::Yellow))
    } else {
        Line::raw(line)
    }
}

fn draw_help(frame: &mut Frame<'_>, body: Rect) {
    let lines = HELP.trim_matches('\n').lines().count();
    let [width, height] = [76, lines + 2].map(|size| u16::try_from(size).unwrap_or(u16::MAX));
    let (width, height) = (width.min(body.width), height.min(body.height));
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height };
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(HELP.trim_matches('\n')).block(Block::bordered().title(" keys ")), area);
}

fn faint() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}
