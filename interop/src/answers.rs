//! What the services answer, whatever style they are written in.

use std::io::Write;
use std::sync::Mutex;

use rsbinder::{BinderResult, ParcelFileDescriptor, Status, StatusCode};

/// The state of a service.
pub struct Answers {
    /// Who answers.
    pub name: &'static str,
    notes: Mutex<Vec<i32>>,
}

impl Answers {
    /// One without notes.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            notes: Mutex::new(Vec::new()),
        }
    }

    /// The text after the name.
    pub fn echo(&self, text: &str) -> String {
        format!("{}: {text}", self.name)
    }

    /// A failure of this code.
    pub fn failure(&self, code: i32) -> Status {
        Status::new_service_specific_error(code, Some(format!("{} fails", self.name)))
    }

    /// Keeps a number.
    pub fn note(&self, number: i32) {
        self.locked().push(number);
    }

    /// The numbers kept so far.
    pub fn notes(&self) -> Vec<i32> {
        self.locked().clone()
    }

    /// Writes a line into the file and gives it back.
    pub fn sign(&self, file: &ParcelFileDescriptor) -> BinderResult<ParcelFileDescriptor> {
        let copy = file.as_ref().try_clone().map_err(|_| StatusCode::NoMemory)?;
        let mut writer = std::fs::File::from(copy.try_clone().map_err(|_| StatusCode::NoMemory)?);
        writeln!(writer, "signed by {}", self.name).map_err(|_| StatusCode::InvalidOperation)?;
        Ok(ParcelFileDescriptor::new(copy))
    }

    /// What a dump shows.
    pub fn dump(&self, writer: &mut dyn Write, arguments: &[String]) -> rsbinder::Result<()> {
        writeln!(writer, "{} was asked {arguments:?}", self.name).map_err(|_| StatusCode::InvalidOperation)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<i32>> {
        self.notes
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
