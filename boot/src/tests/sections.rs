//! Outputs that consist of several cases.

/// What begins the output of a case among several.
const HEADING: &str = "case ";

/// What stands between a step and what came of it.
const OUTCOME: &str = " =>";

/// Divides an output at its headings; what stands before the first has an empty one and counts only if it is not empty
/// or there is nothing else.
pub(super) fn sections(text: &str) -> Vec<(&str, &str)> {
    let mut sections = Vec::new();
    let mut heading = "";
    let mut start = 0;
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        if let Some(next) = line.strip_prefix(HEADING) {
            sections.push((heading, &text[start..position]));
            heading = next.trim_end();
            start = position + line.len();
        }
        position += line.len();
    }
    sections.push((heading, &text[start..]));
    if sections.len() > 1 && sections[0].1.is_empty() {
        sections.remove(0);
    }
    sections
}

/// The steps of a case, from its trace: a script that does the same again.
pub(super) fn steps(trace: &str) -> Vec<String> {
    let is_step = |line: &&str| !line.starts_with([' ', '.']);
    trace
        .lines()
        .filter(is_step)
        .filter_map(|line| Some(line.split_once(OUTCOME)?.0.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{sections, steps};

    #[test]
    fn an_output_without_headings_is_one_case() {
        assert_eq!(sections("a\nb\n"), [("", "a\nb\n")]);
        assert_eq!(sections(""), [("", "")]);
    }

    #[test]
    fn headings_divide_an_output_into_cases() {
        assert_eq!(sections("case one\na\ncase two\n"), [("one", "a\n"), ("two", "")]);
        assert_eq!(sections("x\ncase one\na\n"), [("", "x\n"), ("one", "a\n")]);
    }

    #[test]
    fn a_trace_contains_its_script() {
        let trace = "C.0 open => 0\nC.0 wr read 512 => blocked\n.. C.0 => EINTR wc 0 rc 0:\ndebug state =>\n  proc C\n\n";
        assert_eq!(steps(trace), ["C.0 open", "C.0 wr read 512", "debug state"]);
    }
}
