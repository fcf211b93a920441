//! A trace as a sequence diagram.
//!
//! Threads are columns, with the driver among them; time runs downwards. An arrow to the driver is a `BC_` command, one
//! from it a `BR_` return. [`steps`] makes rows of records, [`layout`] places them, [`shape`] writes them as SVG. Every
//! text's room is known before anything is drawn, so nothing overlaps.

mod columns;
mod layout;
mod shape;
mod steps;
#[cfg(test)]
mod tests;

use super::excerpt;
use super::recorded::Recorded;

/// The diagram of the part of a trace that belongs to its line, under a title; only of these programs if there are any.
pub(super) fn text(recorded: &Recorded, title: &str, programs: &[String]) -> String {
    let excerpt = excerpt::of_programs(excerpt::of_line(recorded), programs);
    layout::diagram(&excerpt, title).svg(title)
}
