//! The table in `docs/conformance.md` of what the fixed cases contain.

use std::fs;

use anyhow::{Context, Result};

use super::difference::compare;
use super::guest::Ran;
use super::sections::sections;
use super::tally::Tally;
use crate::layout;

/// The case that prints the table.
const CASE: &str = "coverage the codes that occur";

/// Where the table begins.
const BEGIN: &str = "| Code | Cases |\n";

/// What becomes of the table in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// It must be what was printed.
    Compared,
    /// It is written anew.
    Written,
}

/// If a run printed the table, compares it with the document or puts it there.
pub(super) fn judge(tally: &mut Tally, linux: &Ran, table: Table) {
    let text = String::from_utf8_lossy(&linux.stdout);
    let cases = sections(&text);
    let Some((_, printed)) = cases.iter().find(|(heading, _)| *heading == CASE) else {
        return;
    };
    let outcome = agree(printed, table).unwrap_or_else(|error| Err(format!("{error:#}")));
    tally.record("docs/conformance.md tells which codes the cases contain", outcome);
}

fn agree(printed: &str, table: Table) -> Result<Result<(), String>> {
    let path = layout::root().join("docs/conformance.md");
    let document = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let renewed = with_table(&document, printed).context("docs/conformance.md has no table")?;
    if table == Table::Written {
        fs::write(&path, renewed).with_context(|| format!("cannot write {}", path.display()))?;
        return Ok(Ok(()));
    }
    let advice = |difference| format!("{difference}\n./test.sh linux fixed --document writes it anew");
    Ok(compare("printed", &renewed, "written", &document).map_err(advice))
}

/// The document with another table at its end.
fn with_table(document: &str, table: &str) -> Option<String> {
    let (before, _) = document.split_once(BEGIN)?;
    Some(format!("{before}{}\n", table.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::with_table;

    #[test]
    fn the_table_is_the_end_of_the_document() {
        let document = "# Title\n\n| Code | Cases |\n|---|---|\n| old | A1 |\n";
        let renewed = with_table(document, "| Code | Cases |\n|---|---|\n| new | B1 |\n\n");
        assert_eq!(
            renewed.expect("there is a table"),
            "# Title\n\n| Code | Cases |\n|---|---|\n| new | B1 |\n"
        );
        assert_eq!(with_table("# Title\n", "table"), None);
    }
}
