use super::{Event, Names, Record, Text, WORDS};
use alloc::format;
use alloc::string::String;
use zerocopy::IntoBytes;

#[test]
fn a_record_is_64_bytes() {
    let record = Record::new(1, 2, 3, Event::Block {});
    assert_eq!(record.as_bytes().len(), 64);
}

#[test]
fn events_come_back_as_they_went_in() {
    let events = [
        Event::Name {
            thread: Text::new("a thread's name"),
            program: Text::new("program"),
        },
        Event::Leave { result: -11 },
        Event::Sent {
            id: 1,
            form: 2,
            to: 3,
            to_thread: 4,
            node: 5,
            code: 6,
            flags: 7,
            data_size: 8,
            offsets_size: 9,
        },
        Event::Death {
            owner: 1,
            cookie: 0x1234_5678_9abc_def0,
        },
        Event::Block {},
    ];
    for event in events {
        assert_eq!(Record::new(0, 1, 2, event).event(), Some(event));
    }
}

#[test]
fn an_unknown_kind_is_no_event() {
    let record = Record {
        time: 0,
        thread: 0,
        process: 0,
        kind: 9999,
        words: [0; WORDS],
    };
    assert_eq!(record.event(), None);
}

#[test]
fn a_text_that_does_not_fit_is_cut_off() {
    let text = Text::<2>::new("binder driver");
    assert_eq!(format!("{text}"), "binder d");
    assert!(Text::<2>::new("").is_empty());
}

#[test]
fn an_event_shows_as_a_line_with_names() {
    struct Known;
    impl Names for Known {
        fn process(&self, number: u32) -> Option<&str> {
            (number == 4).then_some("activity")
        }
    }
    let sent = Event::Sent {
        id: 12,
        form: super::CALL,
        to: 4,
        to_thread: 0,
        node: 7,
        code: 1,
        flags: 0,
        data_size: 84,
        offsets_size: 0,
    };
    let show = |event| -> String { format!("{}", Record::new(0, 5, 6, event).shown(&Known)) };
    assert_eq!(show(sent), "call #12 to activity (node 7, code 1, 84 bytes)");
    let command = Event::Command {
        code: crate::binder::command::BC_FREE_BUFFER,
    };
    assert_eq!(show(command), "BC_FREE_BUFFER");
}
