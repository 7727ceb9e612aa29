//! A bar on anything that takes longer than a second.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;

use crate::workflow::Progress;

/// A progress bar on standard error, or nothing where that is no terminal.
#[derive(Debug)]
pub(crate) struct Bar {
    visible: bool,
    current: Mutex<Option<ProgressBar>>,
}

impl Bar {
    pub(crate) fn new(visible: bool) -> Self {
        Self { visible, current: Mutex::new(None) }
    }

    fn show(&self, bar: ProgressBar, label: &str, template: &str) {
        bar.set_draw_target(if self.visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        bar.set_style(ProgressStyle::with_template(template).expect("the template is right").progress_chars("=> "));
        bar.set_message(label.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.with(|current| *current = Some(bar));
    }

    fn with(&self, work: impl FnOnce(&mut Option<ProgressBar>)) {
        if let Ok(mut current) = self.current.lock() {
            work(&mut current);
        }
    }
}

impl Progress for Bar {
    fn begin(&self, label: &str, total: Option<u64>) {
        let bar = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::no_length(),
        };
        let template = match total {
            Some(_) => "{msg} [{bar:30}] {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}",
            None => "{msg} {spinner} {binary_bytes} {elapsed}",
        };
        self.show(bar, label, template);
    }

    fn begin_steps(&self, label: &str, total: u64) {
        self.show(ProgressBar::new(total), label, "{msg} [{bar:30}] {pos}/{len} {eta}");
    }

    fn advance(&self, count: u64) {
        self.with(|current| {
            if let Some(bar) = current {
                bar.inc(count);
            }
        });
    }

    fn end(&self) {
        self.with(|current| {
            if let Some(bar) = current.take() {
                bar.finish_and_clear();
            }
        });
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        // Work that failed is not ended; its bar must not stand above the error.
        self.end();
    }
}
