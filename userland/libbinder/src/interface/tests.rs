//! Interfaces within one process: everything but the driver.

use crate::{Proxy, Status, StatusCode, TransactionFlags, interface, parcelable};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicI32, Ordering};

parcelable! {
    struct Point {
        x: i32,
        name: String,
    }
}

interface! {
    trait ISample: "bindery.test.ISample" {
        proxy SampleProxy;
        native SampleNative;

        fn join(&self, first: &str, rest: &[String], many: bool) -> String = 1;
        fn shift(&self, point: &Point, by: i32) -> Point = 2;
        fn fail(&self) = 3;
        oneway fn note(&self, number: i32) = 4;
    }
}

#[derive(Default)]
struct Sample(AtomicI32);

impl ISample for Sample {
    fn join(&self, first: &str, rest: &[String], many: bool) -> crate::Result<String> {
        let separator = if many { "+" } else { "" };
        Ok([&[first.to_string()], rest].concat().join(separator))
    }

    fn shift(&self, point: &Point, by: i32) -> crate::Result<Point> {
        Ok(Point {
            x: point.x + by,
            name: point.name.clone(),
        })
    }

    fn fail(&self) -> crate::Result<()> {
        Err(Status::service_specific(
            self.0.load(Ordering::Relaxed),
            "as asked",
        ))
    }

    fn note(&self, number: i32) -> crate::Result<()> {
        self.0.store(number, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn a_call_passes_arguments_and_result_through_parcels() {
    let sample = SampleProxy::from_binder(SampleNative::new(Sample::default()));
    let rest: Vec<String> = ["b".into(), "c".into()].into();
    assert_eq!(sample.join("a", &rest, true).unwrap(), "a+b+c");
    let point = Point {
        x: 1,
        name: "p".into(),
    };
    assert_eq!(sample.shift(&point, 4).unwrap().x, 5);
    sample.note(7).unwrap();
    assert_eq!(sample.fail(), Err(Status::service_specific(7, "as asked")));
    assert_eq!(SampleProxy::cast(sample.as_binder().clone()), Ok(sample));
}

#[test]
fn what_an_object_does_not_know_it_says() {
    let binder = SampleNative::new(Sample::default());
    let unknown = binder.transact(99, &crate::Parcel::new(), TransactionFlags::empty());
    assert_eq!(unknown.err(), Some(StatusCode::UnknownTransaction));
    let strange = binder.transact(1, &crate::Parcel::request("other"), TransactionFlags::empty());
    assert_eq!(strange.err(), Some(StatusCode::PermissionDenied));
    assert_eq!(binder.ping(), Ok(()));
    assert_eq!(binder.extension(), Ok(None));
}
