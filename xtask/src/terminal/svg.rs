//! [`draw`]: a screen as an SVG that needs no font of its own.

use std::fmt::Write as _;

use super::screen::{Look, ScreenText, TerminalScreen};

/// A character, a line and the margin around all, in units of the drawing.
const COLUMN: usize = 9;
const LINE: usize = 21;
const MARGIN: usize = 20;
const COLOURS: [&str; 8] =
    ["#6e7681", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#e6edf3"];
const BACKGROUND: &str = "#0d1117";
const FOREGROUND: &str = "#e6edf3";
const DIM: &str = "#8b949e";

/// Places each piece by its column, and has it take as much room as its characters do, whatever the font.
pub(super) fn draw(screen: &TerminalScreen) -> String {
    let width = position(screen.columns()) + MARGIN;
    let height = screen.lines.len() * LINE + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
         font-size=\"15\" fill=\"{FOREGROUND}\">\n\
         <title>A turn of codex-turns in a terminal, and its record</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for (number, line) in screen.lines.iter().enumerate() {
        draw_line(&mut svg, MARGIN + number * LINE + 15, line);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_line(svg: &mut String, y: usize, line: &[ScreenText]) {
    let mut column = 0;
    for piece in line {
        let length = piece.text.chars().count();
        // Room at an end would count as text that is to be stretched.
        let text = piece.text.trim();
        let start = column + piece.text.chars().take_while(|letter| *letter == ' ').count();
        column += length;
        if text.is_empty() {
            continue;
        }
        let room = text.chars().count() * COLUMN;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{y}\" textLength=\"{room}\" xml:space=\"preserve\"{}>{}</text>",
            position(start),
            attributes(piece.look),
            escaped(text)
        );
    }
}

fn position(column: usize) -> usize {
    column * COLUMN + MARGIN
}

fn attributes(look: Look) -> String {
    let colour = look.colour.map(|colour| COLOURS[usize::from(colour) % COLOURS.len()]);
    let mut attributes = String::new();
    if let Some(colour) = colour.or(look.dim.then_some(DIM)) {
        let _ = write!(attributes, " fill=\"{colour}\"");
    }
    if look.bold {
        attributes.push_str(" font-weight=\"bold\"");
    }
    attributes
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_stands_in_its_column_and_says_what_it_said() {
        let mut screen = TerminalScreen::default();
        screen.printed("ab  \u{1b}[32m a<b && c\u{1b}[0m").unwrap();
        let svg = draw(&screen);
        assert!(
            svg.contains(r#"<text x="20" y="35" textLength="18" xml:space="preserve">ab</text>"#),
            "{svg}"
        );
        let green = r##"<text x="65" y="35" textLength="72" xml:space="preserve" fill="#56d364">a&lt;b &amp;&amp; c</text>"##;
        assert!(svg.contains(green), "{svg}");
    }
}
