//! The file that says who may do what, and which services there are to be.
//!
//! One statement a line; `#` begins a remark.
//!
//! ```text
//! allow|deny DEEDS NAMES [uid=N|uid=N-M] [program=PATH] [context=TEXT]
//! declare NAME [start PATH [ARGUMENT...]]
//! ```
//!
//! `DEEDS` are `add`, `find` and `list`, with commas between, or `all`. `NAMES` and `context` may end with `*`. The first
//! line that fits decides; what no line fits is refused. Without a file everything is allowed and nothing declared.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::name;
use crate::policy::{Condition, Deed, Pattern, Policy, Rule, Verdict};

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// Who may do what; `None` lets everybody do everything.
    pub policy: Option<Policy>,
    /// The services there are to be.
    pub declared: Vec<Declaration>,
}

/// A service there is to be, whether it runs or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Its name.
    pub name: String,
    /// The program, with its arguments, that registers it when somebody asks for it; empty if nothing does.
    pub start: Vec<String>,
}

/// A line that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line's number, from 1 on.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.what)
    }
}

impl Configuration {
    /// Understands a file.
    ///
    /// # Errors
    ///
    /// The first line that makes no sense. Nothing of such a file may be used: a rule that is passed over could be the
    /// one that refuses.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let mut rules = Vec::new();
        let mut declared = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_ascii_whitespace();
            let understood = match words.next() {
                None => Ok(()),
                Some("allow") => rule(Verdict::Allowed, words).map(|rule| rules.push(rule)),
                Some("deny") => rule(Verdict::Denied, words).map(|rule| rules.push(rule)),
                Some("declare") => declaration(words).map(|declaration| declared.push(declaration)),
                Some(_) => Err("neither allow, deny nor declare"),
            };
            understood.map_err(|what| Mistake {
                line: index + 1,
                what,
            })?;
        }
        Ok(Self {
            policy: Some(Policy { rules }),
            declared,
        })
    }

    /// The declaration of a name.
    pub fn declaration(&self, name: &str) -> Option<&Declaration> {
        self.declared.iter().find(|declaration| declaration.name == name)
    }

    /// The instances of an interface: what follows `INTERFACE/` in declared names.
    pub fn instances(&self, interface: &str) -> Vec<String> {
        let names = self.declared.iter().map(|declaration| declaration.name.as_str());
        names
            .filter_map(|name| name.strip_prefix(interface)?.strip_prefix('/'))
            .map(str::to_string)
            .collect()
    }
}

fn rule<'a>(verdict: Verdict, mut words: impl Iterator<Item = &'a str>) -> Result<Rule, &'static str> {
    let deeds = words.next().ok_or("no deeds")?;
    let deeds = match deeds {
        "all" => Deed::ALL.to_vec(),
        _ => deeds
            .split(',')
            .map(|word| Deed::from_word(word).ok_or("a deed is add, find, list or all"))
            .collect::<Result<_, _>>()?,
    };
    let names = Pattern::new(words.next().ok_or("no names")?);
    let conditions = words.map(condition).collect::<Result<_, _>>()?;
    Ok(Rule {
        verdict,
        deeds,
        names,
        conditions,
    })
}

fn condition(word: &str) -> Result<Condition, &'static str> {
    let (key, value) = word
        .split_once('=')
        .ok_or("a condition is uid=, program= or context=")?;
    match key {
        "uid" => {
            let (first, last) = value.split_once('-').unwrap_or((value, value));
            let number = |text: &str| {
                text.parse()
                    .map_err(|_| "a uid is a number, or two with a dash between")
            };
            Ok(Condition::Uid(number(first)?, number(last)?))
        }
        "program" => Ok(Condition::Program(value.to_string())),
        "context" => Ok(Condition::Context(Pattern::new(value))),
        _ => Err("a condition is uid=, program= or context="),
    }
}

fn declaration<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<Declaration, &'static str> {
    let name = words.next().ok_or("no name")?;
    if !name::is_valid(name) {
        return Err("no service can have this name");
    }
    let start: Vec<String> = match words.next() {
        None => Vec::new(),
        Some("start") => words.map(str::to_string).collect(),
        Some(_) => return Err("only start may follow the name"),
    };
    Ok(Declaration {
        name: name.to_string(),
        start,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_rules_and_declarations() {
        let text = "# all may look\nallow find,list *\n\nallow add my.* uid=1000-1999 program=/bin/mine # mine\n\
                    declare a.IFoo/one start /bin/foo -x\ndeclare a.IFoo/two\ndeclare a.IFooBar/three\n";
        let read = Configuration::parse(text).expect("it is right");
        assert_eq!(read.policy.as_ref().map(|policy| policy.rules.len()), Some(2));
        assert_eq!(read.instances("a.IFoo"), ["one", "two"]);
        let one = read.declaration("a.IFoo/one").expect("it is declared");
        assert_eq!(one.start, ["/bin/foo", "-x"]);
        assert_eq!(read.declaration("a.IFoo"), None);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let mistake = |text: &str| Configuration::parse(text).expect_err("it is wrong");
        assert_eq!(mistake("\nallow fly *").line, 2);
        assert_eq!(mistake("allow add").what, "no names");
        assert_eq!(mistake("allow add * uid=x").line, 1);
        assert_eq!(mistake("permit add *").what, "neither allow, deny nor declare");
        assert_eq!(mistake("declare a$b").what, "no service can have this name");
    }
}
