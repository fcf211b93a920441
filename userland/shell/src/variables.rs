//! The shell's variables.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Who sees a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only the shell.
    Shell,
    /// Programs it starts, too.
    Exported,
}

/// Names with their values.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, (String, Scope)>,
    /// `$?`: the last command's status.
    pub status: i32,
    /// `$!`: the last background process.
    pub background: Option<i32>,
    /// `$$`: the shell's own process.
    pub own: i32,
}

impl Variables {
    /// Variables with the `NAME=VALUE` pairs of an environment, all exported.
    pub fn from_environment<'a>(environment: impl IntoIterator<Item = &'a str>) -> Self {
        let mut variables = Self::default();
        for pair in environment {
            if let Some((name, value)) = pair.split_once('=') {
                variables
                    .values
                    .insert(name.to_string(), (value.to_string(), Scope::Exported));
            }
        }
        variables
    }

    /// The value of `$name`, special names included.
    pub fn get(&self, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.status.to_string()),
            "$" => Some(self.own.to_string()),
            "!" => self.background.map(|pid| pid.to_string()),
            _ => self.values.get(name).map(|(value, _)| value.clone()),
        }
    }

    /// Gives `name` a value; one that was exported stays so.
    pub fn set(&mut self, name: &str, value: String) {
        match self.values.get_mut(name) {
            Some((old, _)) => *old = value,
            None => drop(self.values.insert(name.to_string(), (value, Scope::Shell))),
        }
    }

    /// Shows `name` to programs from now on; one without a value gets an empty one.
    pub fn export(&mut self, name: &str) {
        self.values
            .entry(name.to_string())
            .or_insert_with(|| (String::new(), Scope::Exported))
            .1 = Scope::Exported;
    }

    /// Forgets `name`.
    pub fn unset(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// `NAME=VALUE` for every variable of this scope, by name.
    pub fn pairs(&self, scope: Scope) -> Vec<String> {
        let chosen = self.values.iter().filter(|(_, (_, own))| *own == scope);
        chosen
            .map(|(name, (value, _))| format!("{name}={value}"))
            .collect()
    }

    /// `NAME=VALUE` for every variable, by name.
    pub fn all(&self) -> Vec<String> {
        self.values
            .iter()
            .map(|(name, (value, _))| format!("{name}={value}"))
            .collect()
    }
}
