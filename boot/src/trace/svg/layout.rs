//! Placing everything.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::super::recorded::Recorded;
use super::columns::{Column, Columns};
use super::shape::{Anchor, Area, Look, Shape, Style, Text, escaped};
use super::steps::{Arrow, Direction, Step, Steps, Whereabouts};

/// The heights of what stands below one another.
const TITLE: f64 = 34.0;
const HEAD: f64 = 42.0;
const HEAD_ROOM: f64 = 58.0;
const LABEL: f64 = 18.0;
const DETAIL: f64 = 14.0;
const NOTE: f64 = 22.0;
const LEGEND: f64 = 17.0;
/// After so much height the heads are repeated, so that each page has them.
const PAGE: f64 = 1000.0;
/// The room above repeated heads.
const REPEATED: f64 = 12.0;
/// Half of the width of a thread's bar while it is in the driver.
const BAR: f64 = 4.0;

/// How all looks.
const STYLE: &str = "text{font-family:'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace;fill:#222}\
.title,.header{font-weight:bold}.detail,.time{fill:#555}.note{fill:#444}\
.blank{fill:#fff}.box{fill:#f2f2f2;stroke:#444}.notebox{fill:#fffbe6;stroke:#c9b458}.bar{fill:#cfe0f5;stroke:#4a6fa5}\
path{fill:none;stroke-width:1.3}.line{stroke:#888}.dashes{stroke:#888;stroke-dasharray:2 5}\
.command{stroke:#1f4e9e}.return{stroke:#a13d1c}.command.head{fill:#1f4e9e;stroke:none}.return.head{fill:#a13d1c;stroke:none}";

/// What the lines mean.
const LEGEND_TEXT: [&str; 3] = [
    "Blue: a BC_ command to the driver. Red: a BR_ return from it. #N: the message of that number. Times in µs.",
    "A thread's line is a bar while it is in the driver, dotted while it sleeps there, plain while it is in its program.",
    "Boxes on the driver's line: what driver and kernel do in between.",
];

/// A placed diagram.
#[derive(Debug)]
pub(super) struct Diagram {
    pub(super) shapes: Vec<Shape>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Places all of a trace under a title.
pub(super) fn diagram(recorded: &Recorded, title: &str) -> Diagram {
    let Steps { steps, left_out, .. } = Steps::new(recorded);
    let columns = Columns::new(recorded, &steps);
    let mut page = Page {
        columns,
        // Lines and bars are behind everything else.
        lines: Vec::new(),
        shapes: Vec::new(),
        y: 0.0,
        next_head: 0.0,
        begin: recorded.records.first().map_or(0, |record| record.time),
        whereabouts: HashMap::new(),
    };
    page.title(title);
    for step in &steps {
        page.step(step);
    }
    page.finish(left_out, recorded.lost)
}

impl Diagram {
    /// As a file.
    pub(super) fn svg(&self, title: &str) -> String {
        let mut svg = String::new();
        let (width, height) = (self.width.ceil(), self.height.ceil());
        // Writing into a text does not fail.
        let _ = writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<title>{}</title>
<style>{STYLE}</style>
<rect class="blank" width="{width}" height="{height}"/>"#,
            escaped(title)
        );
        for shape in &self.shapes {
            shape.write(&mut svg);
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// A diagram that is being placed, from top to bottom.
struct Page {
    columns: Columns,
    lines: Vec<Shape>,
    shapes: Vec<Shape>,
    y: f64,
    next_head: f64,
    begin: u64,
    /// Where each thread is, and since which height.
    whereabouts: HashMap<u32, (Whereabouts, f64)>,
}

impl Page {
    fn text(&mut self, x: f64, y: f64, anchor: Anchor, look: Look, text: &str) -> Area {
        let text = Text {
            x,
            y,
            anchor,
            look,
            text: text.to_owned(),
        };
        let area = text.area();
        self.shapes.push(Shape::Text(text));
        area
    }

    /// A text with nothing visible behind it.
    fn text_on_blank(&mut self, x: f64, y: f64, anchor: Anchor, look: Look, text: &str) {
        let place = self.shapes.len();
        let area = self.text(x, y, anchor, look, text);
        self.shapes.insert(place, Shape::Area(area, Style::Blank));
    }

    fn title(&mut self, title: &str) {
        self.text(16.0, 24.0, Anchor::Start, Look::Title, title);
        self.y = TITLE;
        self.heads();
    }

    /// The names of the columns.
    fn heads(&mut self) {
        let (top, columns) = (self.y, self.columns.columns.clone());
        for column in &columns {
            self.head(column, top);
        }
        self.y = top + HEAD_ROOM;
        self.next_head = self.y + PAGE;
    }

    fn head(&mut self, column: &Column, top: f64) {
        let width = column.head_width();
        let area = Area {
            x: column.x - width / 2.0,
            y: top,
            width,
            height: HEAD,
        };
        self.shapes.push(Shape::Area(area, Style::Header));
        let [name, number] = &column.head;
        self.text(column.x, top + 17.0, Anchor::Middle, Look::Header, name);
        self.text(column.x, top + 34.0, Anchor::Middle, Look::Detail, number);
    }

    fn step(&mut self, step: &Step) {
        if self.y > self.next_head && !matches!(step, Step::Whereabouts(..)) {
            self.y += REPEATED;
            self.heads();
        }
        match step {
            Step::Arrow(arrow) => self.arrow(arrow),
            Step::Note { time, text } => self.note(*time, text),
            Step::Whereabouts(thread, now) => self.move_to(*thread, *now),
        }
    }

    fn time(&mut self, time: u64) {
        let since = time.saturating_sub(self.begin);
        let text = format!("{}.{}", since / 1000, since % 1000 / 100);
        self.text(66.0, self.y - 3.0, Anchor::End, Look::Time, &text);
    }

    fn arrow(&mut self, arrow: &Arrow) {
        let (Some(thread), driver) = (self.columns.thread(arrow.thread), self.columns.driver()) else {
            return;
        };
        self.y += LABEL;
        self.time(arrow.time);
        let (side, anchor) = if thread < driver {
            (1.0, Anchor::Start)
        } else {
            (-1.0, Anchor::End)
        };
        let beside = thread + side * (BAR + 6.0);
        self.text_on_blank(beside, self.y - 4.0, anchor, Look::Label, &arrow.label);
        let (near, far) = (thread + side * (BAR + 1.0), driver - side * 1.0);
        self.shapes.push(match arrow.direction {
            Direction::ToDriver => Shape::Arrow {
                from: near,
                to: far,
                y: self.y,
                style: Style::Command,
            },
            Direction::FromDriver => Shape::Arrow {
                from: far,
                to: near,
                y: self.y,
                style: Style::Return,
            },
        });
        if !arrow.detail.is_empty() {
            self.y += DETAIL;
            self.text_on_blank(beside, self.y - 2.0, anchor, Look::Detail, &arrow.detail);
        }
        self.y += 4.0;
    }

    fn note(&mut self, time: u64, text: &str) {
        self.y += NOTE;
        self.time(time);
        let place = self.shapes.len();
        let driver = self.columns.driver();
        let area = self.text(driver, self.y - 4.0, Anchor::Middle, Look::Note, text);
        self.shapes
            .insert(place, Shape::Area(area.grown(3.0), Style::Note));
        self.y += 3.0;
    }

    /// A thread is somewhere else from here on.
    fn move_to(&mut self, thread: u32, now: Whereabouts) {
        let y = self.y + 2.0;
        let before = self.whereabouts.insert(thread, (now, y));
        let (place, since) = before.unwrap_or_else(|| {
            // What it does first tells where it was.
            let first = match now {
                Whereabouts::Driver | Whereabouts::Asleep => Whereabouts::Asleep,
                Whereabouts::Program => Whereabouts::Driver,
            };
            (first, TITLE + HEAD)
        });
        self.line(thread, place, since, y);
    }

    fn line(&mut self, thread: u32, place: Whereabouts, from: f64, to: f64) {
        let Some(x) = self.columns.thread(thread).filter(|_| to > from) else {
            return;
        };
        self.lines.push(match place {
            Whereabouts::Program => Shape::Down {
                x,
                from,
                to,
                style: Style::Line,
            },
            Whereabouts::Asleep => Shape::Down {
                x,
                from,
                to,
                style: Style::Dashes,
            },
            Whereabouts::Driver => Shape::Area(
                Area {
                    x: x - BAR,
                    y: from,
                    width: 2.0 * BAR,
                    height: to - from,
                },
                Style::Bar,
            ),
        });
    }

    /// Draws the lines to their ends, and what is to be said below.
    fn finish(mut self, left_out: usize, lost: u64) -> Diagram {
        self.y += 8.0;
        let bottom = self.y;
        let mut threads: Vec<_> = self.whereabouts.clone().into_iter().collect();
        threads.sort_by_key(|(thread, _)| *thread);
        for (thread, (place, since)) in threads {
            self.line(thread, place, since, bottom);
        }
        self.lines.push(Shape::Down {
            x: self.columns.driver(),
            from: TITLE + HEAD,
            to: bottom,
            style: Style::Line,
        });
        self.y += 8.0;
        let mut below = Vec::new();
        if left_out > 0 {
            below.push(format!(
                "{left_out} more rows are left out; a trace in a .json file has them all."
            ));
        }
        if lost > 0 {
            below.push(format!(
                "The ring was too small: the first {lost} events of the run are lost."
            ));
        }
        below.extend(LEGEND_TEXT.map(str::to_owned));
        let mut width = self.columns.width;
        for line in &below {
            self.y += LEGEND;
            let area = self.text(16.0, self.y, Anchor::Start, Look::Detail, line);
            width = width.max(area.x + area.width + 16.0);
        }
        for shape in &self.shapes {
            if let Shape::Text(text) = shape {
                let area = text.area();
                width = width.max(area.x + area.width + 8.0);
            }
        }
        let mut shapes = self.lines;
        shapes.append(&mut self.shapes);
        Diagram {
            shapes,
            width,
            height: self.y + 16.0,
        }
    }
}
