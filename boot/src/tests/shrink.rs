//! Shrinks a script to a short one that still shows what it shows.
//!
//! Whether a script shows it costs a boot, but one boot can try many scripts. So every round asks about all candidates
//! at once: the script without one of its pieces, for each piece; then, of the pieces that turned out not to matter,
//! as many as possible together. Pieces are runs of lines at first, half as long after each round that found nothing,
//! and in the end parts of lines. What remains cannot lose any single piece.

use anyhow::Result;

use super::parts::{self, Piece};

/// A script as lines.
pub(super) type Script = Vec<String>;

/// Into how many pieces a script is cut at first.
const FIRST_PIECES: usize = 8;

/// Removes from `script`, which shows something, what it does not need for it. `shows` tells for each of several
/// scripts whether it shows it too.
pub(super) fn shrink(
    script: Script,
    mut shows: impl FnMut(&[Script]) -> Result<Vec<bool>>,
) -> Result<Script> {
    let mut script = script;
    let mut length = script.len().div_ceil(FIRST_PIECES).max(1);
    loop {
        if remove_pieces(&mut script, |script| parts::runs(script, length), &mut shows)? {
            continue;
        }
        if length > 1 {
            length = length.div_ceil(2);
        } else if !remove_pieces(&mut script, parts::of_lines, &mut shows)? {
            return Ok(script);
        }
    }
}

/// Removes as many of the pieces as it can at once. False if each is needed.
fn remove_pieces(
    script: &mut Script,
    pieces: impl Fn(&Script) -> Vec<Piece>,
    shows: &mut impl FnMut(&[Script]) -> Result<Vec<bool>>,
) -> Result<bool> {
    let pieces = pieces(script);
    let without_one: Vec<Script> = pieces
        .iter()
        .map(|piece| parts::without(script, std::slice::from_ref(piece)))
        .collect();
    let spare: Vec<Piece> = pieces
        .into_iter()
        .zip(answers(&without_one, shows)?)
        .filter_map(|(piece, spare)| spare.then_some(piece))
        .collect();
    if spare.is_empty() {
        return Ok(false);
    }
    // All spare pieces, half of them, a quarter, and so on; each alone is known to be spare.
    let counts: Vec<usize> = std::iter::successors(Some(spare.len()), |count| Some(count / 2))
        .take_while(|count| *count > 0)
        .collect();
    let without_some: Vec<Script> = counts
        .iter()
        .map(|count| parts::without(script, &spare[..*count]))
        .collect();
    let shown = if counts.len() == 1 {
        vec![true]
    } else {
        answers(&without_some, shows)?
    };
    let best = without_some.into_iter().zip(shown).find(|(_, shown)| *shown);
    *script = best.map_or_else(|| parts::without(script, &spare[..1]), |(script, _)| script);
    Ok(true)
}

fn answers(scripts: &[Script], shows: &mut impl FnMut(&[Script]) -> Result<Vec<bool>>) -> Result<Vec<bool>> {
    let mut answers = if scripts.is_empty() {
        Vec::new()
    } else {
        shows(scripts)?
    };
    answers.resize(scripts.len(), false);
    Ok(answers)
}

#[cfg(test)]
mod tests {

    use super::{Script, shrink};

    fn script(text: &str) -> Script {
        text.split('|').map(|line| line.trim().to_owned()).collect()
    }

    /// Shrinks by what a fake pair of systems shows, which must show it for the whole script. Counts the boots.
    fn shrunk(lines: &Script, shows: impl Fn(&str) -> bool) -> (Script, usize) {
        let shows = |script: &Script| shows(&script.join("|"));
        assert!(shows(lines));
        let mut boots = 0;
        let small = shrink(lines.clone(), |scripts| {
            boots += 1;
            Ok(scripts.iter().map(shows).collect())
        })
        .expect("the fake does not fail");
        assert!(shows(&small), "{small:?} shows nothing");
        (small, boots)
    }

    #[test]
    fn the_one_line_that_matters_is_found_in_few_boots() {
        let lines: Script = (0..250).map(|number| format!("line {number}")).collect();
        let (small, boots) = shrunk(&lines, |text| text.split('|').any(|line| line == "line 137"));
        assert_eq!(small, ["line 137"]);
        assert!(boots <= 20, "{boots} boots");
    }

    #[test]
    fn lines_that_matter_together_all_stay_in_their_order() {
        let lines: Script = (0..100).map(|number| format!("line {number}")).collect();
        let wanted = ["line 3", "line 50", "line 51", "line 99"];
        let (small, _) = shrunk(&lines, |text| {
            let found = text.split('|').filter(|line| wanted.contains(line));
            found.eq(wanted)
        });
        assert_eq!(small, wanted);
    }

    #[test]
    fn one_of_two_lines_of_which_either_suffices_stays() {
        let lines = script("a|b|c|d|b|e");
        let (small, _) = shrunk(&lines, |text| text.contains('b'));
        assert_eq!(small, ["b"]);
    }

    #[test]
    fn commands_and_data_that_do_not_matter_leave_their_line() {
        let lines =
            script("C.0 open | C.0 wr enter ; call 0 code 3 { u64 5 binder 0x10 0x20 0 } ; free ; read 512");
        let (small, _) = shrunk(&lines, |text| {
            text.contains("call 0") && text.contains("binder 0x10")
        });
        assert_eq!(small, ["C.0 wr call 0 { binder 0x10 0x20 0 }"]);
    }

    #[test]
    fn what_depends_on_nothing_ends_empty() {
        let (small, _) = shrunk(&script("a|b"), |_| true);
        assert!(small.is_empty());
    }

    #[test]
    fn a_failure_to_compare_ends_the_shrinking() {
        let failure = shrink(script("a|b"), |_| anyhow::bail!("no emulator"));
        assert_eq!(failure.expect_err("it went on").to_string(), "no emulator");
    }
}
