//! The state of a project's goldens as a badge: an SVG for a README, without any other file or font.
//!
//! Widths are those of Verdana, in which badges are drawn by custom. Where another font is there, `textLength` keeps the
//! text in its field.

/// How a project stands, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Every result is what was accepted.
    Identical,
    /// Some metrics differ by no more than their rules allow.
    WithinTolerance,
    /// A result is not what was accepted, or nobody has accepted it yet.
    Drift,
    /// Something could not be checked, or a check found an error.
    Failed,
}

impl Standing {
    /// Returns the state in a word or two.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::WithinTolerance => "within tolerance",
            Self::Drift => "drift",
            Self::Failed => "failed",
        }
    }

    /// Returns the colour of its field; white text reads well on each, with a contrast of at least 4.5 to 1.
    fn colour(self) -> &'static str {
        match self {
            Self::Identical => "#1b7f3b",
            Self::WithinTolerance => "#7a6a00",
            Self::Drift => "#b4460a",
            Self::Failed => "#b3261e",
        }
    }
}

const LABEL: &str = "goldens";
const LABEL_COLOUR: &str = "#474747";
const HEIGHT: u32 = 20;
/// The white space at each side of a text, in pixels.
const PADDING: u32 = 6;
const FONT_SIZE: u32 = 11;
/// The width of a letter that the table does not have, in thousandths of the font's size.
const OTHER: u32 = 700;
/// The widths of Verdana's letters from `a` on, in thousandths of its size.
const LETTERS: [u32; 26] = [
    601, 623, 521, 623, 596, 352, 623, 633, 274, 344, 592, 274, 973, 633, 607, 623, 623, 427, 521, 394, 633, 592, 818,
    592, 592, 525,
];
const SPACE: u32 = 352;

/// Draws the badge of a state.
pub(crate) fn draw(standing: Standing) -> String {
    let (words, colour) = (standing.words(), standing.colour());
    let [label_text, words_text] = [LABEL, words].map(width);
    let (label, field) = (label_text + 2 * PADDING, words_text + 2 * PADDING);
    let (total, straight) = (label + field, field - 3);
    let title = format!("{LABEL}: {words}");
    let text = |text: &str, start: u32, length: u32| {
        format!(
            "    <text x=\"{start}\" y=\"14\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\">{text}</text>\n"
        )
    };
    [
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total}\" height=\"{HEIGHT}\" viewBox=\"0 0 {total} {HEIGHT}\" \
             role=\"img\" aria-label=\"{title}\">\n"
        ),
        format!("  <title>{title}</title>\n"),
        // Rounded by their own outlines: pages that hold several badges would mix up the names of clipping paths.
        format!("  <path d=\"M3 0H{label}V20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z\" fill=\"{LABEL_COLOUR}\"/>\n"),
        format!("  <path d=\"M{label} 0h{straight}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{straight}z\" fill=\"{colour}\"/>\n"),
        format!("  <g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"{FONT_SIZE}\">\n"),
        text(LABEL, PADDING, label_text),
        text(words, label + PADDING, words_text),
        "  </g>\n</svg>\n".to_owned(),
    ]
    .concat()
}

/// Returns a text's width in whole pixels.
fn width(text: &str) -> u32 {
    let thousandths: u32 = text
        .bytes()
        .map(|letter| match letter {
            b' ' => SPACE,
            b'a'..=b'z' => LETTERS[usize::from(letter - b'a')],
            _ => OTHER,
        })
        .sum();
    (thousandths * FONT_SIZE).div_ceil(1000)
}
