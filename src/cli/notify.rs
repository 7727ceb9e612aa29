//! `hive notify`: sends what waits in the outbox, and how a test tells of its webhooks.

use crate::cli::arguments::Global;
use crate::cli::arguments::Notify;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::counted;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::notify;
use crate::workflow::notify::Clock as _;
use crate::workflow::notify::Delivery;
use crate::workflow::notify::SystemClock;
use crate::workflow::notify::settings::Webhook;
use crate::workflow::test::Tested;

pub(crate) fn run(options: &Notify, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(&[], printer)?;
    let delivery = notify::deliver(&project, &variable, options.now, &SystemClock, &printer.progress())?;
    told(&delivery, printer);
    if printer.is_json() {
        printer.json(&delivery);
    } else {
        let parts = [
            (delivery.delivered_count, "delivered"),
            (delivery.waiting_count, "waiting"),
            (delivery.given_up_count, "given up"),
        ];
        let parts: Vec<String> = parts.iter().map(|(count, word)| format!("{count} {word}")).collect();
        printer.result(&format!("{}\n", parts.join(", ")));
    }
    let is_done = delivery.waiting_count == 0 && delivery.given_up_count == 0;
    Ok(if is_done { Exit::Fine } else { Exit::Findings })
}

/// Notes what a test has seen, and sends what is due. Whatever comes of it is told, and changes nothing else.
pub(crate) fn after_test(project: &Project, webhooks: &[Webhook], tested: &Tested, global: &Global, printer: &Printer) {
    let noted = match notify::note(project, webhooks, tested, &variable, SystemClock.now()) {
        Ok(noted) => noted,
        Err(error) => return printer.error(&error),
    };
    for webhook in &noted.off {
        printer.note(&format!("webhook {webhook} is off: the variable with its address is not set"));
    }
    if global.options().offline {
        if noted.message_count > 0 {
            let count = counted(noted.message_count, "message");
            printer.note(&format!("offline: {count} for webhooks wait; `hive notify` sends them"));
        }
        return;
    }
    match notify::deliver(project, &variable, false, &SystemClock, &printer.progress()) {
        Ok(delivery) => told(&delivery, printer),
        Err(error) => printer.error(&error),
    }
}

fn told(delivery: &Delivery, printer: &Printer) {
    for undelivered in &delivery.undelivered {
        printer.error(undelivered);
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
