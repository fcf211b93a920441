//! `rs-hello-async serve|call NAME`: the interface in rsbinder's asynchronous style, on tokio.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use async_trait::async_trait;
use interop::IHello::{BnHello, IHello, IHelloAsync, IHelloAsyncService};
use interop::{Answers, Point, shown};
use rsbinder::{
    BinderResult, Interface, ParcelFileDescriptor, ProcessState, SIBinder, Status, StatusCode, Strong, Tokio,
    TokioRuntime, hub,
};
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinError, spawn_blocking};

/// The service.
struct Hello(Answers);

impl Interface for Hello {
    fn dump(&self, writer: &mut dyn Write, arguments: &[String]) -> rsbinder::Result<()> {
        self.0.dump(writer, arguments)
    }
}

#[async_trait]
impl IHelloAsyncService for Hello {
    async fn echo(&self, text: &str) -> BinderResult<String> {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Ok(self.0.echo(text))
    }

    async fn reverse(&self, numbers: &[i32]) -> BinderResult<Vec<i32>> {
        Ok(numbers.iter().rev().copied().collect())
    }

    async fn bytes(&self, data: &[u8]) -> BinderResult<Vec<u8>> {
        Ok(data.to_vec())
    }

    async fn flip(&self, value: bool) -> BinderResult<bool> {
        Ok(!value)
    }

    async fn shout(&self, text: Option<&str>) -> BinderResult<Option<String>> {
        Ok(text.map(str::to_uppercase))
    }

    async fn shift(&self, point: &Point, by: i32) -> BinderResult<Point> {
        Ok(Point {
            x: point.x + by,
            name: point.name.clone(),
        })
    }

    async fn fail(&self, code: i32) -> BinderResult<()> {
        Err(self.0.failure(code))
    }

    async fn note(&self, number: i32) -> BinderResult<()> {
        self.0.note(number);
        Ok(())
    }

    async fn notes(&self) -> BinderResult<Vec<i32>> {
        Ok(self.0.notes())
    }

    async fn pass(&self, object: &SIBinder) -> BinderResult<SIBinder> {
        Ok(object.clone())
    }

    async fn nested(&self, other: &Strong<dyn IHello>, depth: i32) -> BinderResult<i32> {
        if depth == 0 {
            return Ok(0);
        }
        let me = BnHello::new_async_binder(Self(Answers::new(self.0.name)), TokioRuntime(Handle::current()));
        let other = other.clone().into_async::<Tokio>();
        Ok(1 + other.nested(&me, depth - 1).await?)
    }

    async fn sign(&self, file: &ParcelFileDescriptor) -> BinderResult<ParcelFileDescriptor> {
        self.0.sign(file)
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return interop::ended("rs-hello-async", Err(error)),
    };
    let result = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", name] => runtime.block_on(serve(name)),
        ["call", name] => runtime.block_on(call(name)),
        _ => {
            eprintln!("usage: rs-hello-async serve|call NAME");
            return ExitCode::from(2);
        }
    };
    interop::ended("rs-hello-async", result)
}

/// A task that could not be waited for.
fn lost(_: JoinError) -> StatusCode {
    StatusCode::FailedTransaction
}

async fn serve(name: &str) -> Result<(), Status> {
    interop::connect()?;
    let answers = Hello(Answers::new("rs-hello-async"));
    let service = BnHello::new_async_binder(answers, TokioRuntime(Handle::current()));
    hub::add_service(name, service.as_binder())?;
    // It never returns, so it gets a thread that drives no tasks.
    Ok(spawn_blocking(ProcessState::join_thread_pool)
        .await
        .map_err(lost)??)
}

async fn call(name: &str) -> Result<(), Status> {
    interop::connect()?;
    let wanted = name.to_owned();
    let found = spawn_blocking(move || hub::wait_for_interface::<dyn IHello>(&wanted));
    let hello: Strong<dyn IHelloAsync<Tokio>> = found.await.map_err(lost)??.into_async();
    // Several calls at the same time.
    let (echo, reverse, flip) =
        tokio::join!(hello.echo("at once"), hello.reverse(&[4, 5]), hello.flip(false));
    println!("echo {}", shown(echo));
    println!("reverse {}", shown(reverse));
    println!("flip {}", shown(flip));
    println!("shout {}", shown(hello.shout(Some("async")).await));
    println!("fail {}", shown(hello.fail(6).await));
    hello.note(1).await?;
    hello.note(2).await?;
    // A call may overtake one-way calls that wait for their turn.
    while hello.notes().await?.len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("notes {}", shown(hello.notes().await));
    let me = BnHello::new_async_binder(Hello(Answers::new("the caller")), TokioRuntime(Handle::current()));
    println!(
        "pass {}",
        shown(
            hello
                .pass(&me.as_binder())
                .await
                .map(|back| back == me.as_binder())
        )
    );
    println!("nested {}", shown(hello.nested(&me, 4).await));
    let late = tokio::time::timeout(Duration::from_millis(1), hello.echo("too late")).await;
    println!("timeout {}", late.is_err());
    Ok(())
}
