//! Round trips: what a synchronous call and its answer cost, and how that grows.

use crate::endpoint::Endpoint;
use crate::report::Series;
use crate::server::{ONE_WAY, Server, code, nest};

/// Round trips before measuring, so that pages are there and pools are filled.
const WARM: u32 = 200;

/// Measures `count` round trips with `size` bytes there and `back` bytes back on a handle, in kernel ticks and in all.
pub(crate) fn measure(
    client: &mut Endpoint,
    server: &Server,
    handle: u32,
    (size, back): (usize, u32),
    count: usize,
) -> rt::Result<(Series, Series)> {
    client.clear();
    let freed = client.free(0);
    client.call(handle, code::ECHO | back, 0, size);
    let (mut kernel, mut total) = (Series::with_capacity(count), Series::with_capacity(count));
    let mut begin = rt::measure::ticks();
    for round in 0..WARM as usize + count {
        let (own, others) = (client.own, server.own());
        let read = client.send()?;
        let Some(answer) = client.arrived(read)? else {
            return Err(abi::Errno::EPROTO);
        };
        client.patch(freed, answer.buffer);
        let end = rt::measure::ticks();
        if round >= WARM as usize {
            let all = end - begin;
            // The server adds its share at the end of each request; a round's share is that of the round before,
            // which is the same work.
            let outside = (client.own - own) + u64::from(server.own().wrapping_sub(others));
            total.add(all);
            kernel.add(all.saturating_sub(outside));
        }
        begin = end;
    }
    client.clear();
    client.free_again(freed);
    client.send_only()?;
    Ok((kernel, total))
}

/// Round trips by payload.
pub(crate) fn sizes() -> rt::Result<()> {
    let (mut client, server) = pair()?;
    for size in [0, 16, 128, 1024, 4096, 16384, 65536, 262_144, 524_288] {
        let count = if size <= 4096 { 2000 } else { 200 };
        let (kernel, total) = measure(&mut client, &server, 0, (size, 0), count)?;
        kernel.print("roundtrip_kernel", size as u64);
        total.print("roundtrip_total", size as u64);
    }
    for size in [16, 128, 4096, 65536] {
        let (kernel, _) = measure(&mut client, &server, 0, (size, size as u32), 500)?;
        kernel.print("roundtrip_both_ways_kernel", size as u64);
    }
    let (kernel, _) = measure(&mut client, &server, 0, (0, 0), 10_000)?;
    kernel.print("roundtrip_kernel_long", 0);
    server.stop(&mut client)
}

/// Round trips of nothing for somebody who looks at each instruction. Nothing is measured.
pub(crate) fn profile() -> rt::Result<()> {
    let (mut client, server) = pair()?;
    measure(&mut client, &server, 0, (0, 0), 600)?;
    server.stop(&mut client)
}

/// One-way messages: both sides together, by message.
pub(crate) fn oneway() -> rt::Result<()> {
    const BATCH: u64 = 200;
    let (mut client, server) = pair()?;
    let mut series = Series::default();
    for _ in 0..20 {
        client.clear();
        client.call(0, code::ONEWAY, ONE_WAY, 16);
        let (own, others, begin) = (client.own, server.own(), rt::measure::ticks());
        for _ in 0..BATCH {
            client.send()?;
        }
        // The answer to a last call says that the server has come so far.
        client.clear();
        client.call(0, code::ECHO, 0, 0);
        let read = client.send()?;
        let outside = (client.own - own) + u64::from(server.own().wrapping_sub(others));
        series.add((rt::measure::ticks() - begin).saturating_sub(outside) / BATCH);
        if let Some(answer) = client.arrived(read)? {
            client.clear();
            client.free(answer.buffer);
            client.send_only()?;
        }
    }
    series.print("oneway_kernel", 16);
    server.stop(&mut client)
}

/// Calls within calls: client to server to client, and so on.
pub(crate) fn nested() -> rt::Result<()> {
    let (mut client, server) = pair()?;
    introduce(&mut client, 1, 1)?;
    for depth in [1, 2, 4, 8, 16] {
        let mut series = Series::default();
        for round in 0..60 {
            client.clear();
            let begin = rt::measure::ticks();
            nest(&mut client, 0, depth - 1)?;
            if round >= 10 {
                series.add(rt::measure::ticks() - begin);
            }
        }
        series.print("nested_total", u64::from(depth));
    }
    server.stop(&mut client)
}

/// Shows nodes of the client to the server, which keeps them as handles from `first` on.
pub(crate) fn introduce(client: &mut Endpoint, first: u32, count: u32) -> rt::Result<()> {
    let mut next = first;
    while next < first + count {
        let end = (next + 64).min(first + count);
        let nodes: alloc::vec::Vec<u64> = (next..end).map(|node| u64::from(node) << 4).collect();
        client.clear();
        client.call_with_nodes(0, code::KEEP | (end - 1), &nodes);
        let read = client.send()?;
        let answer = client.arrived(read)?;
        client.clear();
        client.acknowledge(read);
        if let Some(answer) = answer {
            client.free(answer.buffer);
        }
        client.send_only()?;
        next = end;
    }
    Ok(())
}

/// A client and a server that have just met.
pub(crate) fn pair() -> rt::Result<(Endpoint, Server)> {
    let server = Server::start()?;
    Ok((Endpoint::open()?, server))
}
