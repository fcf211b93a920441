//! How a round trip grows with what else there is: handles, nodes, buffers, threads, clients.

use crate::endpoint::Endpoint;
use crate::report::Series;
use crate::roundtrip::{introduce, measure, pair};
use crate::server::{Server, code};
use rt::memory::{Access, Mapping};

/// New nodes and handles, and round trips beside many of them.
pub(crate) fn handles() -> rt::Result<()> {
    let (mut client, server) = pair()?;
    let mut known = 0;
    for target in [1, 100, 1000, 10_000, 100_000] {
        introduce(&mut client, known + 1, target - known)?;
        known = target;
        let (kernel, _) = measure(&mut client, &server, 0, (0, 0), 200)?;
        kernel.print("roundtrip_kernel_by_handles", u64::from(known));
        new_node(&mut client, &server, known)?.print("new_node_and_handle_kernel", u64::from(known));
    }
    server.kill()
}

/// Calls that each carry a node that the driver has not seen.
fn new_node(client: &mut Endpoint, server: &Server, known: u32) -> rt::Result<Series> {
    let mut series = Series::default();
    for round in 0..300_u64 {
        client.clear();
        client.call_with_nodes(0, code::ECHO, &[(u64::from(known) + 1 + round) << 4]);
        let (own, others, begin) = (client.own, server.own(), client.begin());
        let read = client.send()?;
        let outside = (client.own - own) + u64::from(server.own().wrapping_sub(others));
        let all = rt::measure::ticks() - begin;
        if round >= 20 {
            series.add(all.saturating_sub(outside));
        }
        let answer = client.arrived(read)?;
        client.clear();
        client.acknowledge(read);
        if let Some(answer) = answer {
            client.free(answer.buffer);
        }
        client.send_only()?;
    }
    Ok(series)
}

/// Round trips while the server keeps buffers.
pub(crate) fn buffers() -> rt::Result<()> {
    let (mut client, server) = pair()?;
    let mut held = 0;
    for target in [0, 1000, 6000] {
        while held < target {
            client.clear();
            client.call(0, code::HOLD, 0, 16);
            let read = client.send()?;
            if let Some(answer) = client.arrived(read)? {
                client.clear();
                client.free(answer.buffer);
                client.send_only()?;
            }
            held += 1;
        }
        let (kernel, _) = measure(&mut client, &server, 0, (16, 0), 200)?;
        kernel.print("roundtrip_kernel_by_buffers", held);
    }
    server.kill()
}

/// Round trips while threads of the server wait.
pub(crate) fn threads() -> rt::Result<()> {
    let (mut client, server) = pair()?;
    let mut waiting = 1;
    for target in [1, 8, 64, 512] {
        client.clear();
        client.call(0, code::THREADS | (target - waiting), 0, 0);
        let read = client.send()?;
        if let Some(answer) = client.arrived(read)? {
            client.clear();
            client.free(answer.buffer);
            client.send_only()?;
        }
        waiting = target;
        // The new threads take their first steps.
        rt::syscall::sleep_ns(50_000_000);
        let (kernel, _) = measure(&mut client, &server, 0, (0, 0), 200)?;
        kernel.print("roundtrip_kernel_by_threads", u64::from(waiting));
    }
    server.kill()
}

/// Round trips of many clients at once: all ticks by all round trips.
pub(crate) fn clients() -> rt::Result<()> {
    const ROUNDS: u64 = 100;
    for clients in [1, 4, 16, 64] {
        let server = Server::start()?;
        let mut own = Endpoint::open()?;
        let memory = rt::syscall::memfd("clients")?;
        rt::syscall::truncate(memory, 4096)?;
        let shared = Mapping::shared(memory, 4096, Access::ReadWrite)?;
        rt::syscall::close(memory)?;
        let mut children = alloc::vec::Vec::new();
        for _ in 0..clients {
            children.push(rt::process::fork(|| i32::from(client(&shared, ROUNDS).is_err()))?);
        }
        let go = shared.word(0)?;
        let ready = shared.word(4)?;
        while u64::from(ready.load(core::sync::atomic::Ordering::Acquire)) < clients {
            rt::syscall::sleep_ns(1_000_000);
        }
        let begin = rt::measure::ticks();
        go.store(1, core::sync::atomic::Ordering::Release);
        rt::syscall::futex_wake(go, u32::MAX >> 1, rt::syscall::Scope::Shared);
        let mut failed = 0;
        for child in children {
            failed += u64::from(rt::process::wait(child)?.1 != rt::process::Ended::Exited(0));
        }
        let ticks = rt::measure::ticks() - begin;
        if failed > 0 {
            rt::println!("roundtrip_total_by_clients {clients} failed");
        } else {
            rt::println!(
                "roundtrip_total_by_clients {clients} mean {}",
                ticks / (clients * ROUNDS)
            );
        }
        server.stop(&mut own)?;
    }
    Ok(())
}

fn client(shared: &Mapping, rounds: u64) -> rt::Result<()> {
    let mut end = Endpoint::open()?;
    shared.word(4)?.fetch_add(1, core::sync::atomic::Ordering::AcqRel);
    let go = shared.word(0)?;
    while go.load(core::sync::atomic::Ordering::Acquire) == 0 {
        let _ = rt::syscall::futex_wait(go, 0, None, rt::syscall::Scope::Shared);
    }
    end.clear();
    let freed = end.free(0);
    end.call(0, code::ECHO, 0, 0);
    for _ in 0..rounds {
        let read = end.send()?;
        let Some(answer) = end.arrived(read)? else {
            return Err(abi::Errno::EPROTO);
        };
        end.patch(freed, answer.buffer);
    }
    Ok(())
}
