//! An overlay shows edited files over an environment that is never written to.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;

use hive::io::overlay::Overlay;
use tempfile::TempDir;

const PACKAGES: &str = "lib/python3.12/site-packages";

/// An environment with two modules, and an overlay over it.
struct Laid {
    folder: TempDir,
    overlay: Overlay,
}

impl Laid {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let below = folder.path().join("below");
        let package = below.join(PACKAGES).join("hummingbot");
        fs::create_dir_all(package.join("core/__pycache__")).expect("folders can be made");
        fs::create_dir_all(below.join("bin")).expect("folders can be made");
        symlink("/bin/sh", below.join("bin/python")).expect("a link can be made");
        for (file, text) in [
            ("pyvenv.cfg".to_owned(), "home = /usr/bin\n"),
            (format!("{PACKAGES}/hummingbot/core/clock.py"), "TICK = 1\n"),
            (format!("{PACKAGES}/hummingbot/core/__pycache__/clock.cpython-312.pyc"), "stale"),
            (format!("{PACKAGES}/hummingbot/core/order.py"), "ORDER = 1\n"),
            (format!("{PACKAGES}/numpy.py"), "NUMPY = 1\n"),
        ] {
            fs::write(below.join(file), text).expect("a file can be written");
        }
        let overlay = Overlay::make(&below, &below.join(PACKAGES), &folder.path().join("overlay"));
        Self { overlay: overlay.expect("an overlay can be made"), folder }
    }

    fn own(&self, file: &str) -> PathBuf {
        self.overlay.site_packages.join(file)
    }

    fn below(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join("below").join(PACKAGES).join(file)).expect("it is there")
    }

    fn show(&mut self, changes: &[(&str, Option<&str>)]) -> Vec<String> {
        let changes: BTreeMap<String, Option<Vec<u8>>> = changes
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.map(|text| text.as_bytes().to_vec())))
            .collect();
        self.overlay.show(&changes).expect("changes can be shown")
    }
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[test]
fn everything_below_is_seen_and_nothing_is_copied() {
    let laid = Laid::new();
    assert_eq!(text(&laid.own("hummingbot/core/clock.py")).as_deref(), Some("TICK = 1\n"));
    assert!(laid.own("hummingbot/core/order.py").is_symlink());
    assert!(!laid.own("hummingbot/core/__pycache__").exists(), "bytecode is not laid out");
    let way = text(&laid.own("below.pth")).expect("the way to the other packages is there");
    assert!(Path::new(way.trim()).join("numpy.py").is_file());
    assert!(laid.overlay.root.join("pyvenv.cfg").is_file() && laid.overlay.python.exists());
}

#[test]
fn changes_are_shown_over_it_and_taken_back() {
    let mut laid = Laid::new();
    let clock = "hummingbot/core/clock.py";
    let bytecode = laid.own("hummingbot/core/__pycache__");
    fs::create_dir_all(&bytecode).expect("a folder can be made");
    for name in ["clock.cpython-312.pyc", "clock_more.cpython-312.pyc"] {
        fs::write(bytecode.join(name), "compiled").expect("a file can be written");
    }
    let controller = "controllers/market_making/mine.py";
    let first = [(clock, Some("TICK = 2\n")), ("hummingbot/core/order.py", None), (controller, Some("MINE = 1\n"))];
    assert_eq!(laid.show(&first), [controller, clock, "hummingbot/core/order.py"]);
    assert_eq!(text(&laid.own(clock)).as_deref(), Some("TICK = 2\n"));
    assert!(!laid.own("hummingbot/core/order.py").exists());
    assert_eq!(text(&laid.own(controller)).as_deref(), Some("MINE = 1\n"));
    assert!(!bytecode.join("clock.cpython-312.pyc").exists(), "what was compiled before is stale");
    assert!(bytecode.join("clock_more.cpython-312.pyc").exists(), "another module's is not");
    assert_eq!(laid.below(clock), "TICK = 1\n");
    assert_eq!(laid.below("hummingbot/core/order.py"), "ORDER = 1\n");

    assert_eq!(laid.show(&first), Vec::<String>::new(), "the same again changes nothing");
    assert_eq!(laid.show(&[(clock, Some("TICK = 3\n"))]), [controller, clock, "hummingbot/core/order.py"]);
    assert_eq!(text(&laid.own(clock)).as_deref(), Some("TICK = 3\n"));
    assert_eq!(text(&laid.own("hummingbot/core/order.py")).as_deref(), Some("ORDER = 1\n"));
    assert!(!laid.own(controller).exists());
    assert_eq!(laid.below(clock), "TICK = 1\n");
}

#[test]
fn no_change_leaves_the_overlay() {
    let mut laid = Laid::new();
    let outside = BTreeMap::from([("../outside.py".to_owned(), Some(Vec::new()))]);
    let error = laid.overlay.show(&outside).expect_err("the path leaves the tree");
    assert_eq!(error.to_string(), "`../outside.py` does not name a file of the tree: the path climbs with `..`");
    assert!(!laid.own("../outside.py").exists());
}
