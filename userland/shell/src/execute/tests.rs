//! Lines run on a recorder.

use crate::testing::{run, shell};

#[test]
fn a_line_ends_with_the_status_of_its_last_command() {
    assert_eq!(run("true; false").0, 1);
    assert_eq!(run("false; true").0, 0);
    assert_eq!(run("status-7").0, 7);
    assert_eq!(run("").0, 0);
    assert_eq!(run("exit 3; echo no"), (3, "".into(), "".into()));
    assert_eq!(run("false; exit").0, 1);
}

#[test]
fn and_or_look_at_the_status_before_them() {
    assert_eq!(run("true && echo a").1, "a\n");
    assert_eq!(run("false && echo a"), (1, "".into(), "".into()));
    assert_eq!(run("false || echo a").1, "a\n");
    assert_eq!(run("true || echo a && echo b").1, "b\n");
    assert_eq!(run("false && echo a || echo $?").1, "1\n");
}

#[test]
fn an_unknown_command_is_said_in_one_line() {
    assert_eq!(
        run("nothing x"),
        (127, "".into(), "shell: nothing: not found\n".into())
    );
    assert_eq!(run("/no/such").0, 127);
}

#[test]
fn a_syntax_error_runs_nothing() {
    let (status, output, errors) = run("echo a; echo 'b");
    assert_eq!((status, output.as_str()), (2, ""));
    assert_eq!(errors, "shell: syntax error: a ' is never closed\n");
}

#[test]
fn programs_get_arguments_environment_and_files() {
    let mut shell = shell();
    assert_eq!(shell.run("A=1; export B=2; C=3 prog 'x y' $A > /tmp/o 2>&1"), 0);
    let launches = shell.system.launches.borrow();
    assert_eq!(launches[0].path, "/bin/prog");
    assert_eq!(launches[0].arguments, ["prog", "x y", "1"]);
    assert_eq!(launches[0].environment, ["B=2", "C=3", "HOME=/"]);
    assert_eq!(launches[0].files.output.name, "/tmp/o");
    assert_eq!(launches[0].files.errors.name, "/tmp/o");
    assert_eq!(launches[0].files.input.name, "in");
}

#[test]
fn the_line_given_to_a_shell_is_not_inherited() {
    let mut shell = shell();
    shell.run("export BINDERY_EXEC=x; prog; prog && prog &");
    let launches = shell.system.launches.borrow();
    assert!(launches.iter().all(|launch| {
        !launch
            .environment
            .iter()
            .any(|pair| pair.starts_with("BINDERY_EXEC"))
    }));
}

#[test]
fn a_pipeline_joins_its_commands_and_waits_for_all() {
    let mut shell = shell();
    assert_eq!(shell.run("prog | echo a | status-4"), 4);
    let launches = shell.system.launches.borrow();
    assert_eq!(launches[0].files.output.name, "pipe in");
    assert_eq!(launches[1].arguments, ["shell", "-c", "echo a"]);
    assert_eq!(launches[2].files.input.name, "pipe out");
    assert_eq!(launches[2].files.output.name, "out");
    assert_eq!(
        shell.system.events.borrow()[3..],
        ["wait 100", "wait 101", "wait 102"]
    );
}

#[test]
fn the_background_is_not_waited_for() {
    let mut shell = shell();
    assert_eq!(shell.run("status-3 & echo $!"), 0);
    assert_eq!(*shell.system.events.borrow(), ["spawn status-3"]);
    assert_eq!(*shell.files.output.content.borrow(), "100\n");
    assert_eq!(shell.run("wait %1"), 3);
    assert_eq!(shell.run("wait %1"), 127);
}

#[test]
fn a_chain_in_the_background_gets_a_shell_of_its_own() {
    let mut shell = shell();
    shell.run("prog && echo done &");
    assert_eq!(
        shell.system.launches.borrow()[0].arguments,
        ["shell", "-c", "prog && echo done"]
    );
}

#[test]
fn kill_knows_jobs_and_processes() {
    let mut shell = shell();
    shell.run("prog & prog &");
    assert_eq!(shell.run("kill %2; kill -9 100"), 0);
    assert_eq!(shell.system.events.borrow()[2..], ["kill 101 15", "kill 100 9"]);
    assert_eq!(shell.run("kill 5000"), 1);
    assert_eq!(shell.run("kill %9"), 1);
    assert_eq!(shell.run("kill"), 2);
}

#[test]
fn redirections_that_fail_stop_only_their_command() {
    let (status, output, errors) = run("echo a < /missing; echo b");
    assert_eq!((status, output.as_str()), (0, "b\n"));
    assert!(errors.starts_with("shell: /missing: "), "{errors}");
}

#[test]
fn commands_of_the_system_run_inside_the_shell() {
    assert_eq!(run("ps -a").1, "command 0 ps -a\n");
}

#[test]
fn variables_are_set_without_a_program() {
    assert_eq!(run("A='x  y'; echo $A \"$A\"").1, "x y x  y\n");
    assert_eq!(run("set A=1 B=2; unset A; echo $A$B").1, "2\n");
}
