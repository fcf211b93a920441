//! The fixed cases, as text.

/// Files of cases, in the order in which they are played.
const FILES: [&str; 17] = [
    include_str!("../cases/open.script"),
    include_str!("../cases/first_use.script"),
    include_str!("../cases/write_loop.script"),
    include_str!("../cases/manager.script"),
    include_str!("../cases/sync.script"),
    include_str!("../cases/nesting.script"),
    include_str!("../cases/oneway.script"),
    include_str!("../cases/refs.script"),
    include_str!("../cases/objects.script"),
    include_str!("../cases/files.script"),
    include_str!("../cases/death.script"),
    include_str!("../cases/exits.script"),
    include_str!("../cases/threads.script"),
    include_str!("../cases/polling.script"),
    include_str!("../cases/freeze.script"),
    include_str!("../cases/memory.script"),
    include_str!("../cases/debug.script"),
];

/// A case: its name, what it shows, and its lines.
pub(crate) struct Case<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) lines: &'a str,
}

/// Splits a file into its cases. Lines before the first `case` belong to none.
pub(crate) fn split(text: &str) -> impl Iterator<Item = Case<'_>> {
    text.split("\ncase ")
        .skip(usize::from(!text.starts_with("case ")))
        .map(|case| {
            let case = case.strip_prefix("case ").unwrap_or(case);
            let (heading, lines) = case.split_once('\n').unwrap_or((case, ""));
            let (name, title) = heading.split_once(' ').unwrap_or((heading, ""));
            Case { name, title, lines }
        })
}

/// Every fixed case.
pub(crate) fn all() -> impl Iterator<Item = Case<'static>> {
    FILES.iter().flat_map(|text| split(text))
}

/// Cases that Linux can only play with a security module that names programs.
pub(crate) fn with_security_module() -> impl Iterator<Item = Case<'static>> {
    split(include_str!("../cases/security.script"))
}
