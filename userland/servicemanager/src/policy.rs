//! Who may do what with which names.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::caller::Caller;

/// What somebody wants of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// To register a service under it.
    Add,
    /// To get the service, or to be told of it.
    Find,
    /// To see all names.
    List,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Add, Self::Find, Self::List];

    /// The deed that a word of the configuration means.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "add" => Some(Self::Add),
            "find" => Some(Self::Find),
            "list" => Some(Self::List),
            _ => None,
        }
    }
}

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be done.
    Allowed,
    /// It may not.
    Denied,
}

/// A text, or what all texts with the same beginning look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Exactly this.
    Exactly(String),
    /// Whatever begins with this.
    Beginning(String),
}

impl Pattern {
    /// The pattern that is written like this: with `*` at its end it is a beginning.
    pub fn new(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(beginning) => Self::Beginning(beginning.to_string()),
            None => Self::Exactly(text.to_string()),
        }
    }

    /// Whether a text is like this.
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Self::Exactly(whole) => whole == text,
            Self::Beginning(beginning) => text.starts_with(beginning.as_str()),
        }
    }
}

/// What must be true of a caller for a rule to apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Its effective user is one of these.
    Uid(u32, u32),
    /// It runs this file.
    Program(String),
    /// The driver names this security context.
    Context(Pattern),
}

/// A caller as the rules see it. What is not known fits no rule that asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Process and user.
    pub caller: Caller,
    /// The file that it runs.
    pub program: Option<&'a str>,
    /// Its security context.
    pub context: Option<&'a str>,
}

impl Condition {
    fn holds(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Uid(first, last) => (*first..=*last).contains(&subject.caller.uid),
            Self::Program(path) => subject.program == Some(path.as_str()),
            Self::Context(pattern) => subject.context.is_some_and(|context| pattern.fits(context)),
        }
    }
}

/// One line of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it says.
    pub verdict: Verdict,
    /// About which deeds.
    pub deeds: Vec<Deed>,
    /// With which names; a list is of all names, so for that they do not matter.
    pub names: Pattern,
    /// For whom.
    pub conditions: Vec<Condition>,
}

/// Rules in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The first one that fits decides.
    pub rules: Vec<Rule>,
}

impl Policy {
    /// Whether a deed is allowed.
    pub fn allows(&self, subject: &Subject<'_>, deed: Deed, name: &str) -> bool {
        let fits = |rule: &&Rule| {
            rule.deeds.contains(&deed)
                && (deed == Deed::List || rule.names.fits(name))
                && rule.conditions.iter().all(|condition| condition.holds(subject))
        };
        self.rules
            .iter()
            .find(fits)
            .is_some_and(|rule| rule.verdict == Verdict::Allowed)
    }

    /// Whether any rule asks for the program that callers run.
    pub fn asks_for_program(&self) -> bool {
        let mut conditions = self.rules.iter().flat_map(|rule| &rule.conditions);
        conditions.any(|condition| matches!(condition, Condition::Program(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Configuration;

    fn policy(text: &str) -> Policy {
        Configuration::parse(text)
            .expect("it is right")
            .policy
            .expect("it has rules")
    }

    fn subject(uid: u32) -> Subject<'static> {
        Subject {
            caller: Caller { pid: 7, uid },
            program: Some("/bin/mine"),
            context: Some("u:r:mine:s0"),
        }
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let policy = policy("deny add secret.* uid=1000\nallow add,find *\n");
        assert!(!policy.allows(&subject(1000), Deed::Add, "secret.one"));
        assert!(policy.allows(&subject(1000), Deed::Find, "secret.one"));
        assert!(policy.allows(&subject(0), Deed::Add, "secret.one"));
    }

    #[test]
    fn what_no_rule_fits_is_refused() {
        let policy = policy("allow find *\n");
        assert!(!policy.allows(&subject(0), Deed::Add, "a"));
        assert!(!policy.allows(&subject(0), Deed::List, ""));
    }

    #[test]
    fn all_conditions_of_a_rule_must_hold() {
        let policy = policy("allow all * uid=5-9 program=/bin/mine context=u:r:*\n");
        assert!(policy.allows(&subject(5), Deed::Add, "a"));
        assert!(!policy.allows(&subject(10), Deed::Add, "a"));
        let unknown = Subject {
            program: None,
            ..subject(5)
        };
        assert!(!policy.allows(&unknown, Deed::Add, "a"));
        assert!(policy.asks_for_program());
    }
}
