//! Exchanges as a kernel makes them that lets whoever is handed a call read it at once.

use super::answer::Answer;
use super::commands::Bc;
use super::world::{Blocked, READ_SIZE, Thread, World};
use binder_driver::{
    Blocking, Effect, Effects, Errand, Handoff, Outcome, Passage, Pid, Resumption, Step, TaskId, Unusual,
};
use zerocopy::IntoBytes;

impl World {
    /// As [`Self::exchange`]; a thread that is handed a call by it goes on at once, before anybody else does anything.
    pub(crate) fn exchange_at_once(
        &mut self,
        thread: Thread,
        commands: Bc,
    ) -> (Option<Answer>, Option<(Thread, Option<Answer>)>) {
        let write_read = self.prepare(thread, &commands, READ_SIZE);
        let argument = self.place(thread, write_read.as_bytes());
        let id = self.enter(thread);
        let allowed = Blocking::Allowed;
        let (mut handed, mut woken) = (None, None);
        let begun = self.driver.begin_directly(id, argument, allowed, &mut self.fake);
        let passage = match begun {
            Ok(errand @ (Errand::Call(sender) | Errand::CallWithObjects(sender))) => {
                match if matches!(errand, Errand::Call(_)) {
                    self.driver.call_directly(sender, &mut self.fake).map(Some)
                } else {
                    self.driver.call_with_objects(sender, &mut self.fake)
                } {
                    Ok(None) => Some(Passage::Blocked),
                    Ok(Some(call)) => {
                        let (TaskId(task), reader_id) = call.to();
                        let (&reader, blocked) = self
                            .blocked
                            .iter()
                            .find(|(_, blocked)| blocked.id == reader_id)
                            .expect("a call is handed to a thread that waits");
                        let at = blocked.argument;
                        assert_eq!(reader.task, task);
                        self.fake.caller = (Pid(reader.open.pid), TaskId(task));
                        let passage = match call.deliver(&mut self.fake) {
                            Ok(()) => Passage::Done,
                            Err(Unusual) => self.driver.deliver_generally(reader_id, &mut self.fake),
                        };
                        self.blocked.insert(thread, Blocked { id, argument });
                        self.blocked.remove(&reader);
                        let step = self.step_of(passage, None);
                        let result = self.step(reader, reader_id, at, step);
                        let answer = result.map(|result| self.answer_at(reader, at, result));
                        return (None, Some((reader, answer)));
                    }
                    Err(Unusual) => None,
                }
            }
            Ok(Errand::Reply(sender)) => {
                let handoff = self.driver.reply_directly(sender, &mut self.fake);
                handed = handoff.ok();
                handed.map(|_| Passage::Done)
            }
            Ok(Errand::Wait) => Some(Passage::Blocked),
            Ok(Errand::Take(sender)) => {
                let taken = self.driver.take_directly(sender, &mut self.fake);
                taken.ok().map(|()| Passage::Done)
            }
            Ok(Errand::OneWay(sender)) => {
                let sent = self.driver.send_oneway(sender, &mut self.fake);
                woken = sent.unwrap_or_default();
                sent.ok().map(|_| Passage::Done)
            }
            Ok(Errand::Nothing) => Some(Passage::Done),
            Err(Unusual) => None,
        };
        let passage = passage.unwrap_or_else(|| {
            self.driver
                .write_read_otherwise(id, argument, allowed, &mut self.fake)
        });
        let mut step = self.step_of(passage, handed);
        if let Some((task, thread)) = woken {
            step.effects.rest.push(Effect::Wake(task, thread));
        }
        let result = self.step(thread, id, argument, step);
        let answer = result.map(|result| self.answer_at(thread, argument, result));
        if answer.is_some() {
            return (answer, None);
        }
        let handed = self.handoff.take();
        let reader = self.blocked.iter().find_map(|(&reader, blocked)| {
            let woken = self.runnable.contains(&blocked.id);
            (handed == Some(TaskId(reader.task)) && woken).then_some(reader)
        });
        (
            None,
            reader.map(|reader| (reader, self.resume(reader, Resumption::Woken))),
        )
    }

    fn step_of(&mut self, passage: Passage, handed: Option<Handoff>) -> Step {
        let outcome = match passage {
            Passage::Done => Outcome::Done(Ok(0)),
            Passage::Blocked => Outcome::Blocked { timeout: None },
            Passage::Other => return self.driver.take_step(),
        };
        let effects = Effects {
            handoff: self.driver.take_handoff().or(handed),
            ..Effects::default()
        };
        Step { outcome, effects }
    }
}
