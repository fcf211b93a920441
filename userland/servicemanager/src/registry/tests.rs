//! Behaviour of the registry, with numbers as objects.

use super::*;
use alloc::vec;

const ROOT: Caller = Caller { pid: 10, uid: 0 };
const OTHER: Caller = Caller { pid: 11, uid: 0 };
const APPLICATION: Caller = Caller { pid: 12, uid: 10_123 };
const ISOLATED: Caller = Caller { pid: 13, uid: 99_001 };

fn with(name: &str, object: u32) -> Registry<u32> {
    let mut registry = Registry::default();
    assert_eq!(registry.add(ROOT, name, object, Isolated::Refused, 8), vec![]);
    registry
}

fn registered(callback: u32, object: u32) -> Notice<u32> {
    Notice::Registered {
        callback,
        name: "a".into(),
        object,
    }
}

fn clients(callback: u32, clients: Clients) -> Notice<u32> {
    Notice::Clients {
        callback,
        object: 1,
        clients,
    }
}

#[test]
fn a_name_stands_for_the_object_added_last() {
    let mut registry = with("a", 1);
    assert_eq!(registry.find(OTHER, "a"), Some(&1));
    assert!(registry.add(OTHER, "a", 2, Isolated::Refused, 8).is_empty());
    assert_eq!(registry.hand_out(ROOT, "a"), Some(2));
    assert_eq!(registry.find(ROOT, "b"), None);
}

#[test]
fn a_lazy_service_is_known_by_its_flag() {
    let mut registry = with("a", 1);
    assert!(registry.add(ROOT, "b", 2, Isolated::Refused, 8 | LAZY).is_empty());
    assert!(registry.is_lazy("b"));
    assert!(!registry.is_lazy("a"));
    assert!(!registry.is_lazy("c"));
    assert_eq!(registry.list(8), ["a", "b"]);
}

#[test]
fn adding_is_refused_in_the_order_of_the_rules() {
    let registry = Registry::<u32>::default();
    assert!(matches!(
        registry.may_add(APPLICATION, "", None),
        Err(Refusal::Security(_))
    ));
    assert_eq!(
        registry.may_add(ROOT, "", None),
        Err(Refusal::IllegalArgument("Null binder."))
    );
    assert_eq!(
        registry.may_add(ROOT, "", Some(&1)),
        Err(Refusal::IllegalArgument("Invalid service name."))
    );
    assert_eq!(registry.may_add(ROOT, "a", Some(&1)), Ok(()));
}

#[test]
fn isolated_processes_find_only_what_allows_it() {
    let mut registry = with("a", 1);
    assert!(registry.add(ROOT, "b", 2, Isolated::Allowed, 8).is_empty());
    assert_eq!(registry.find(ISOLATED, "a"), None);
    assert_eq!(registry.find(ISOLATED, "b"), Some(&2));
    assert!(matches!(
        registry.may_watch(ISOLATED, "a", Some(&3)),
        Err(Refusal::Security(_))
    ));
}

#[test]
fn lists_follow_the_dump_mask() {
    let mut registry = with("b", 1);
    assert!(registry.add(ROOT, "a", 2, Isolated::Refused, 1).is_empty());
    assert_eq!(registry.list(15), ["a", "b"]);
    assert_eq!(registry.list(1), ["a"]);
    assert_eq!(registry.list(2), Vec::<String>::new());
    assert_eq!(registry.processes(), [("a".into(), 10), ("b".into(), 10)]);
}

#[test]
fn watchers_hear_of_every_registration_and_of_one_made_before() {
    let mut registry = Registry::default();
    assert_eq!(registry.watch("a", 7), None);
    assert_eq!(
        registry.add(ROOT, "a", 1, Isolated::Refused, 8),
        [registered(7, 1)]
    );
    assert_eq!(registry.watch("a", 8), Some(registered(8, 1)));
    assert_eq!(
        registry.add(ROOT, "a", 2, Isolated::Refused, 8),
        [registered(7, 2), registered(8, 2)]
    );
    assert_eq!(registry.unwatch("a", &7), Ok(()));
    assert_eq!(
        registry.add(ROOT, "a", 3, Isolated::Refused, 8),
        [registered(8, 3)]
    );
}

#[test]
fn watching_is_checked() {
    let mut registry = Registry::<u32>::default();
    assert!(matches!(
        registry.may_watch(ROOT, "a b", Some(&1)),
        Err(Refusal::IllegalArgument(_))
    ));
    assert!(matches!(
        registry.may_watch(ROOT, "a", None),
        Err(Refusal::NullPointer(_))
    ));
    assert!(matches!(registry.unwatch("a", &1), Err(Refusal::IllegalState(_))));
}

#[test]
fn the_dead_are_forgotten_everywhere() {
    let mut registry = with("a", 1);
    assert!(registry.add(ROOT, "b", 1, Isolated::Refused, 8).is_empty());
    assert!(registry.add(ROOT, "c", 2, Isolated::Refused, 8).is_empty());
    assert_eq!(registry.watch("d", 1), None);
    registry.died(&1);
    assert_eq!(registry.list(15), ["c"]);
    assert!(!registry.knows(&1));
    assert!(registry.knows(&2));
    assert!(registry.add(ROOT, "d", 3, Isolated::Refused, 8).is_empty());
}

#[test]
fn a_service_hears_of_clients_at_once_and_of_their_end_at_the_interval() {
    let mut registry = with("a", 1);
    registry.follow_clients("a", 9);
    assert_eq!(registry.counted("a", 2, Occasion::Request), []);
    assert_eq!(
        registry.counted("a", 3, Occasion::Request),
        [clients(9, Clients::Some)]
    );
    assert_eq!(registry.counted("a", 2, Occasion::Interval), []);
    assert_eq!(registry.counted("a", 2, Occasion::Request), []);
    assert_eq!(
        registry.counted("a", 1, Occasion::Interval),
        [clients(9, Clients::None)]
    );
}

#[test]
fn handing_out_promises_a_client() {
    let mut registry = with("a", 1);
    registry.follow_clients("a", 9);
    assert_eq!(registry.hand_out(OTHER, "a"), Some(1));
    assert!(matches!(
        registry.unregister(ROOT, "a", Some(&1), Some(1)),
        Err(Refusal::IllegalState(_))
    ));
    assert_eq!(
        registry.counted("a", 1, Occasion::Request),
        [clients(9, Clients::Some)]
    );
    assert_eq!(
        registry.counted("a", 1, Occasion::Interval),
        [clients(9, Clients::None)]
    );
    assert_eq!(registry.unregister(ROOT, "a", Some(&1), Some(2)), Ok(()));
    assert_eq!(registry.find(ROOT, "a"), None);
}

#[test]
fn only_its_own_process_decides_about_a_service() {
    let mut registry = with("a", 1);
    assert!(matches!(
        registry.may_follow_clients(OTHER, "a", Some(&1), Some(&9)),
        Err(Refusal::Unsupported(_))
    ));
    assert!(matches!(
        registry.may_follow_clients(ROOT, "a", Some(&2), Some(&9)),
        Err(Refusal::IllegalArgument(_))
    ));
    assert!(matches!(
        registry.may_follow_clients(ROOT, "a", Some(&1), None),
        Err(Refusal::NullPointer(_))
    ));
    assert_eq!(registry.may_follow_clients(ROOT, "a", Some(&1), Some(&9)), Ok(()));
    assert!(matches!(
        registry.unregister(OTHER, "a", Some(&1), Some(1)),
        Err(Refusal::IllegalState(_))
    ));
    assert!(matches!(
        registry.unregister(ROOT, "a", Some(&1), None),
        Err(Refusal::IllegalState(_))
    ));
}
