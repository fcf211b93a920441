//! Which services were started.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use crate::component::ComponentName;
use crate::intent::Intent;

/// Why a service is not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The intent names an action only; which service is meant must be said.
    NotExplicit,
    /// A name is longer than a file's name may be.
    TooLong,
}

impl Refusal {
    /// The text that goes with the exception.
    pub fn message(self) -> &'static str {
        match self {
            Self::NotExplicit => "Service Intent must be explicit.",
            Self::TooLong => "Package and class take at most 255 bytes each.",
        }
    }
}

/// Longest package or class name.
const LONGEST: usize = 255;

/// What is known of a running service.
#[derive(Clone, Debug)]
struct Record {
    action: String,
    starts: u32,
    /// The process that started it last.
    caller: i32,
}

/// The running services.
#[derive(Clone, Debug, Default)]
pub struct Records {
    running: BTreeMap<ComponentName, Record>,
}

impl Records {
    /// Starts the service that the intent means, or counts one more start; its name.
    pub fn start(&mut self, intent: &Intent, caller: i32) -> Result<ComponentName, Refusal> {
        let component = intent.component().ok_or(Refusal::NotExplicit)?;
        if component.package.len() > LONGEST || component.class.len() > LONGEST {
            return Err(Refusal::TooLong);
        }
        let record = self.running.entry(component.clone());
        let record = record.or_insert(Record {
            action: String::new(),
            starts: 0,
            caller,
        });
        record.action.clone_from(&intent.action);
        record.starts = record.starts.saturating_add(1);
        record.caller = caller;
        Ok(component)
    }

    /// Stops a service; whether it ran.
    pub fn stop(&mut self, component: &ComponentName) -> bool {
        self.running.remove(component).is_some()
    }

    /// The running services in a person's words.
    pub fn dump(&self) -> String {
        let mut text = format!("ACTIVITY MANAGER SERVICES: {} running\n", self.running.len());
        for (
            component,
            Record {
                action,
                starts,
                caller,
            },
        ) in &self.running
        {
            text.push_str(&format!(
                "  {component} action={action} starts={starts} caller={caller}\n"
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(package: &str, class: &str) -> Intent {
        Intent {
            action: "play".into(),
            package: package.into(),
            class: class.into(),
        }
    }

    #[test]
    fn an_explicit_intent_starts_its_service() {
        let mut records = Records::default();
        let started = records.start(&intent("org.music", ".Player"), 7).unwrap();
        assert_eq!(format!("{started}"), "org.music/.Player");
        assert_eq!(started.class, "org.music.Player");
        records
            .start(&intent("org.music", "org.music.Player"), 8)
            .unwrap();
        assert_eq!(
            records.dump(),
            "ACTIVITY MANAGER SERVICES: 1 running\n  org.music/.Player action=play starts=2 caller=8\n"
        );
        assert!(records.stop(&started));
        assert!(!records.stop(&started));
    }

    #[test]
    fn an_action_alone_is_refused() {
        let mut records = Records::default();
        assert_eq!(records.start(&intent("", ""), 7), Err(Refusal::NotExplicit));
        assert_eq!(
            records.start(&intent("org.music", ""), 7),
            Err(Refusal::NotExplicit)
        );
        assert_eq!(
            records.start(&intent(&"x".repeat(256), "y"), 7),
            Err(Refusal::TooLong)
        );
    }
}
