//! Conversations of all customs look the same both ways, and those of the usual shapes go the direct one.

use super::{Customs, Play};
use crate::harness::{Bc, Thread, call, reply};
use binder_driver::Blocking;

/// A play in which the manager waits for the client's call.
fn waiting_manager() -> (Play, Thread, Thread) {
    let mut play = Play::new(1);
    let [manager, client] = [0, 1].map(|number| play.processes[number].thread(0));
    play.exchange(manager, Bc::new());
    (play, manager, client)
}

/// Plays many conversations, and tells which share of all calls went the general way, in percent.
fn play(customs: Customs, seeds: u64) -> usize {
    let (mut direct, mut general) = (0, 0);
    for seed in 1..=seeds {
        let mut play = Play::with(customs, seed);
        for _ in 0..300 {
            play.step();
        }
        direct += play.worlds.direct.generally;
        general += play.worlds.general.generally;
        play.finish();
    }
    100 * direct / general
}

#[test]
fn both_ways_look_the_same_to_everybody() {
    let share = play(Customs::USUAL, 60);
    assert!(
        share < 65,
        "the direct way is hardly taken: {share} % went the general way"
    );
}

#[test]
fn both_ways_look_the_same_where_most_calls_are_one_way() {
    let share = play(Customs::ONE_WAY, 40);
    assert!(
        share < 50,
        "the direct way is hardly taken: {share} % went the general way"
    );
}

#[test]
fn both_ways_look_the_same_where_messages_have_objects() {
    play(Customs::OBJECTS, 60);
}

#[test]
fn both_ways_look_the_same_where_one_way_calls_fill_a_small_region() {
    play(Customs::FLOOD, 40);
}

#[test]
fn one_way_calls_go_the_direct_way_whether_they_find_somebody_or_wait_for_each_other() {
    let mut play = Play::new(1);
    let [manager, client] = [0, 1].map(|number| play.processes[number].thread(0));
    play.received.clear();
    let send = |play: &mut Play, byte| {
        play.exchange(client, Bc::new().send(call(0).oneway().bytes(&[byte; 40])));
    };
    let mut before = play.generally();
    for round in 0..10 {
        if round == 2 {
            before = play.generally();
        }
        // One that finds the reader waiting, and three that wait.
        play.exchange(manager, Bc::new());
        for byte in 0..4 {
            send(&mut play, byte);
        }
        play.wake(manager);
        for number in 0..4 {
            let received = play.received.entry(manager.open.pid).or_default();
            let free = Bc::new().free(received.remove(0));
            if number == 1 {
                play.exchange(manager, free);
                continue;
            }
            let answer = play.worlds.both(|world| world.write(manager, free.clone()));
            play.note(manager, &answer);
            if number < 3 {
                play.exchange(manager, Bc::new());
            }
        }
        // And one that finds nobody.
        send(&mut play, 9);
        play.exchange(manager, Bc::new());
        let received = play.received.entry(manager.open.pid).or_default();
        let free = Bc::new().free(received.remove(0));
        play.worlds.both(|world| world.write(manager, free.clone()));
    }
    assert_eq!(play.generally(), before, "a one-way call took the general way");
    play.finish();
}

#[test]
fn a_call_that_is_read_at_once_looks_the_same_and_goes_the_direct_way() {
    let (mut play, manager, client) = waiting_manager();
    let mut before = play.generally();
    for round in 0..10 {
        if round == 2 {
            before = play.generally();
        }
        let bytes = [round; 40];
        play.exchange_at_once(client, Bc::new().send(call(0).bytes(&bytes)));
        assert!(
            !play.worlds.direct.is_blocked(manager),
            "the call was read at once"
        );
        let newest = |play: &mut Play, thread: Thread| {
            let received = play.received.entry(thread.open.pid).or_default();
            received.pop().expect("a buffer")
        };
        let address = newest(&mut play, manager);
        play.exchange_at_once(manager, Bc::new().free(address).send(reply().bytes(&bytes)));
        play.exchange_at_once(manager, Bc::new());
        play.wake(client);
        let address = newest(&mut play, client);
        play.worlds
            .both(|world| world.write(client, Bc::new().free(address)));
    }
    assert_eq!(play.generally(), before, "a message took the general way");
    play.finish();
}

#[test]
fn a_call_that_is_read_at_once_into_little_room_looks_the_same() {
    let mut play = Play::new(1);
    let [manager, client] = [0, 1].map(|number| play.processes[number].thread(0));
    let blocks = play.worlds.both(|world| {
        let write_read = world.prepare(manager, &Bc::new(), 80);
        world.write_read(manager, write_read, Blocking::Allowed)
    });
    assert!(blocks.is_none(), "there is nothing to read yet");
    play.blocked.push(manager);
    play.exchange_at_once(client, Bc::new().send(call(0).bytes(&[1; 40])));
    assert!(
        !play.worlds.direct.is_blocked(manager),
        "the call was read at once"
    );
    play.finish();
}

#[test]
fn a_call_back_inside_a_call_looks_the_same_and_goes_the_direct_way() {
    let (mut play, manager, client) = waiting_manager();
    let mut before = play.generally();
    for round in 0..10 {
        if round == 2 {
            before = play.generally();
        }
        let free = |play: &mut Play, thread: Thread| {
            let newest = play.received.entry(thread.open.pid).or_default().pop();
            newest.map_or(Bc::new(), |at| Bc::new().free(at))
        };
        let bytes = [round; 40];
        let first = free(&mut play, client).send(call(0).bytes(&bytes));
        play.exchange(client, first);
        play.wake(manager);
        play.exchange(manager, Bc::new().send(call(1).bytes(&bytes)));
        play.wake(client);
        let answer = free(&mut play, client).send(reply().bytes(&bytes));
        play.exchange(client, answer);
        play.exchange(client, Bc::new());
        play.wake(manager);
        let answer = free(&mut play, manager).send(reply().bytes(&bytes));
        play.exchange(manager, answer);
        let rest = free(&mut play, manager);
        play.exchange(manager, rest);
        play.wake(client);
    }
    assert_eq!(
        play.generally(),
        before,
        "a message inside a conversation took the general way"
    );
    assert_eq!(
        play.generally(),
        before,
        "a message inside a conversation took the general way"
    );
    play.finish();
}
