//! What answers.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use libbinder::{FileDescriptor, IBinder, Proxy, Result, Status, StatusCode};
use rt::sync::Mutex;

use crate::interface::{BnHello, BpHello, IHello, Point};

/// The service.
pub(crate) struct Hello {
    name: &'static str,
    notes: Mutex<Vec<i32>>,
}

impl Hello {
    /// An object that answers in this name.
    pub(crate) fn object(name: &'static str) -> IBinder {
        BnHello::new(Self {
            name,
            notes: Mutex::new(Vec::new()),
        })
    }
}

impl IHello for Hello {
    fn echo(&self, text: &str) -> Result<String> {
        Ok(format!("{}: {text}", self.name))
    }

    fn reverse(&self, numbers: &[i32]) -> Result<Vec<i32>> {
        Ok(numbers.iter().rev().copied().collect())
    }

    fn bytes(&self, data: &[u8]) -> Result<Vec<u8>> {
        Ok(data.to_vec())
    }

    fn flip(&self, value: bool) -> Result<bool> {
        Ok(!value)
    }

    fn shout(&self, text: Option<&str>) -> Result<Option<String>> {
        Ok(text.map(str::to_uppercase))
    }

    fn shift(&self, point: &Point, by: i32) -> Result<Point> {
        Ok(Point {
            x: point.x + by,
            name: point.name.clone(),
        })
    }

    fn fail(&self, code: i32) -> Result<()> {
        Err(Status::service_specific(code, format!("{} fails", self.name)))
    }

    fn note(&self, number: i32) -> Result<()> {
        self.notes.lock().push(number);
        Ok(())
    }

    fn notes(&self) -> Result<Vec<i32>> {
        Ok(self.notes.lock().clone())
    }

    fn pass(&self, object: &IBinder) -> Result<IBinder> {
        Ok(object.clone())
    }

    fn nested(&self, other: &IBinder, depth: i32) -> Result<i32> {
        if depth == 0 {
            return Ok(0);
        }
        // The other end calls back, into the thread that waits here.
        let other = BpHello::from_binder(other.clone());
        Ok(1 + other.nested(&Self::object(self.name), depth - 1)?)
    }

    fn sign(&self, file: &FileDescriptor) -> Result<FileDescriptor> {
        rt::syscall::write_all(file.number(), format!("signed by {}\n", self.name).as_bytes())?;
        Ok(file.duplicate()?)
    }

    fn dump(&self, file: &FileDescriptor, arguments: &[String]) -> core::result::Result<(), StatusCode> {
        let text = format!("{} was asked {arguments:?}\n", self.name);
        Ok(rt::syscall::write_all(file.number(), text.as_bytes())?)
    }
}
