//! Shapes, and how they are written.

use std::fmt::Write as _;

/// How wide a character is at most, as a part of its font's size: 0.60, rounded up to whole pixels by some viewers.
const CHARACTER: f64 = 0.64;
/// How far a text reaches above its line, and below.
const ASCENT: f64 = 0.80;
const DESCENT: f64 = 0.25;

/// Where a text's point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Title,
    Header,
    Label,
    Detail,
    Note,
    Time,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) anchor: Anchor,
    pub(super) look: Look,
    pub(super) text: String,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// How an area or a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Hides what is behind a text.
    Blank,
    /// The box around a column's name.
    Header,
    /// The box around a note.
    Note,
    /// A thread in the driver.
    Bar,
    /// A thread in its program, or the driver's own line.
    Line,
    /// A thread asleep.
    Dashes,
    /// A command.
    Command,
    /// A return.
    Return,
}

/// A part of a diagram.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Text(Text),
    Area(Area, Style),
    /// A line down from a point.
    Down {
        x: f64,
        from: f64,
        to: f64,
        style: Style,
    },
    /// An arrow to the side.
    Arrow {
        from: f64,
        to: f64,
        y: f64,
        style: Style,
    },
}

impl Look {
    pub(super) const fn size(self) -> f64 {
        match self {
            Self::Title => 16.0,
            Self::Header => 13.0,
            Self::Label => 12.0,
            Self::Detail | Self::Note => 11.0,
            Self::Time => 10.0,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Header => "header",
            Self::Label => "label",
            Self::Detail => "detail",
            Self::Note => "note",
            Self::Time => "time",
        }
    }

    /// How wide a text is.
    pub(super) fn width(self, text: &str) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a line has few characters")]
        let characters = text.chars().count() as f64;
        characters * CHARACTER * self.size()
    }
}

impl Text {
    /// The room that it takes.
    pub(super) fn area(&self) -> Area {
        let size = self.look.size();
        let width = self.look.width(&self.text);
        let x = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - width / 2.0,
            Anchor::End => self.x - width,
        };
        Area {
            x,
            y: self.y - ASCENT * size,
            width,
            height: (ASCENT + DESCENT) * size,
        }
    }
}

impl Area {
    /// With so much more on each side.
    pub(super) fn grown(self, by: f64) -> Self {
        Self {
            x: self.x - by,
            y: self.y - by,
            width: self.width + 2.0 * by,
            height: self.height + 2.0 * by,
        }
    }

    /// Whether two areas share a point.
    #[cfg(test)]
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

impl Style {
    const fn class(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Header => "box",
            Self::Note => "notebox",
            Self::Bar => "bar",
            Self::Line => "line",
            Self::Dashes => "dashes",
            Self::Command => "command",
            Self::Return => "return",
        }
    }
}

impl Shape {
    /// Appends its element.
    pub(super) fn write(&self, svg: &mut String) {
        let written = match self {
            Self::Text(Text {
                x,
                y,
                anchor,
                look,
                text,
            }) => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                let (class, size) = (look.class(), look.size());
                let text = escaped(text);
                writeln!(
                    svg,
                    r#"<text class="{class}" x="{x:.1}" y="{y:.1}" font-size="{size}" text-anchor="{anchor}">{text}</text>"#
                )
            }
            Self::Area(Area { x, y, width, height }, style) => {
                let class = style.class();
                writeln!(
                    svg,
                    r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
                )
            }
            Self::Down { x, from, to, style } => {
                let class = style.class();
                writeln!(svg, r#"<path class="{class}" d="M{x:.1} {from:.1}V{to:.1}"/>"#)
            }
            Self::Arrow { from, to, y, style } => {
                let class = style.class();
                let back = if to > from { -7.0 } else { 7.0 };
                let (neck, up, down) = (to + back, y - 3.5, y + 3.5);
                writeln!(
                    svg,
                    r#"<path class="{class}" d="M{from:.1} {y:.1}H{neck:.1}"/><path class="{class} head" d="M{to:.1} {y:.1}L{neck:.1} {up:.1}V{down:.1}Z"/>"#
                )
            }
        };
        // Writing into a text does not fail.
        let _ = written;
    }
}

/// A text as XML has it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
