//! Starting the programs of declared services when somebody asks for them.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};

use libbinder::Result;
use libbinder::kernel::{Process, Spawn, kernel};
use servicemanager::configuration::Declaration;

/// The programs that were started, by the service's name.
#[derive(Default)]
pub(crate) struct Starter(BTreeMap<String, Process>);

impl Starter {
    /// Starts the program of a service, unless it is on its way already. Only Bindery's kernel starts programs on request.
    pub(crate) fn start(&mut self, declaration: &Declaration) {
        if declaration.start.is_empty() || self.is_on_its_way(&declaration.name) {
            return;
        }
        match launch(declaration) {
            Ok(process) => {
                self.0.insert(declaration.name.to_string(), process);
            }
            Err(error) => rt::eprintln!("servicemanager: {} cannot be started: {error}", declaration.name),
        }
    }

    fn is_on_its_way(&self, name: &str) -> bool {
        let status = self.0.get(name).map(Process::status);
        matches!(status, Some(Ok(None)))
    }
}

fn launch(declaration: &Declaration) -> Result<Process> {
    let [program, ..] = declaration.start.as_slice() else {
        return Err(libbinder::StatusCode::BadValue.into());
    };
    let arguments = declaration.start.iter().map(String::as_str);
    let spawn = Spawn::new(program).arguments(arguments).standard_files();
    kernel()?.process_manager()?.spawn(&spawn)
}
