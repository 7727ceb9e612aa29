//! Builder containers of a real engine: files in, a command, files out.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::time::Duration;

use hive::io::docker::Compile;
use hive::io::docker::Engine;
use hive::io::docker::Error;
use hive::io::docker::Kind;

use crate::docker::base;
use crate::docker::engine;
use crate::docker::skip;
use crate::fetch::drawn;

fn order<'c>(image: &'c str, command: &[&str]) -> Compile<'c> {
    Compile {
        image,
        command: command.iter().map(|&word| word.to_owned()).collect(),
        environment: vec!["SOURCE_DATE_EPOCH=315532800".to_owned()],
        folder: "/job",
        results: "/job/out",
        timeout: Duration::from_mins(1),
        memory_bytes: None,
    }
}

/// What came of it, what was told, and the results by their paths.
type Compiled = (Result<(), Error>, Vec<String>, BTreeMap<String, Vec<u8>>);

/// Compiles from files by their paths.
fn compile(engine: &Engine, order: &Compile, files: &[(&str, &str)]) -> Compiled {
    let mut lines = Vec::new();
    let mut found = BTreeMap::new();
    let write = |into: &mut dyn Write| {
        let mut archive = tar::Builder::new(into);
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(text.len() as u64);
            archive.append_data(&mut header, path, text.as_bytes())?;
        }
        archive.finish()
    };
    let compiled = engine.compile(order, write, &mut |line| lines.push(line.to_owned()), &mut |entry, content| {
        if entry.kind == Kind::File {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            found.insert(entry.path.clone(), bytes);
        }
        Ok(true)
    });
    (compiled, lines, found)
}

#[test]
fn results_are_taken_out_and_lines_are_told() {
    let Some(engine) = engine() else { return };
    let image = base::shell(&engine);
    let text = "mkdir -p out/below; cat in.txt > out/below/one.txt; echo $SOURCE_DATE_EPOCH; echo talk >&2; id";
    let order = order(&image, &["sh", "-c", text]);
    let (compiled, mut lines, found) = compile(&engine, &order, &[("job/in.txt", "words")]);
    compiled.expect("it succeeds");
    lines.sort();
    assert_eq!(lines, ["315532800", "talk", "uid=0(root) gid=0 groups=0"]);
    assert_eq!(found, BTreeMap::from([("below/one.txt".to_owned(), b"words".to_vec())]));
    assert!(
        engine.containers("hive.container=compile").expect("it answers").len() <= 8,
        "containers of other tests alone"
    );
}

#[test]
fn a_failure_shows_the_last_lines_without_colours() {
    let Some(engine) = engine() else { return };
    let image = base::shell(&engine);
    let failing = "seq 1 40; printf '\\033[31merror: in.txt is odd\\033[0m' >&2; exit 4";
    let (compiled, _, found) = compile(&engine, &order(&image, &["sh", "-c", failing]), &[("job/in.txt", "")]);
    insta::assert_snapshot!("compile_fails", drawn(&compiled.expect_err("it fails")));
    assert!(found.is_empty());
    let (compiled, _, _) = compile(&engine, &order(&image, &["sh", "-c", "true"]), &[("job/in.txt", "")]);
    insta::assert_snapshot!("compile_leaves_nothing", drawn(&compiled.expect_err("there are no results")));
    let (compiled, _, _) = compile(&engine, &order(&image, &["g++", "x.cpp"]), &[("job/in.txt", "")]);
    assert!(matches!(compiled, Err(Error::NotStarted { .. })), "{compiled:?}");
}

#[test]
fn time_and_memory_of_a_builder_have_ends() {
    let Some(engine) = engine() else { return };
    let image = base::shell(&engine);
    let slow = Compile { timeout: Duration::from_secs(1), ..order(&image, &["sleep", "50"]) };
    let (compiled, _, _) = compile(&engine, &slow, &[("job/in.txt", "")]);
    assert!(compiled.expect_err("it is slow").to_string().contains("took longer than it may"));
    let greedy = "x=0123456789abcdef; while true; do x=$x$x; done";
    let greedy = Compile { memory_bytes: Some(64 << 20), ..order(&image, &["sh", "-c", greedy]) };
    let (compiled, _, _) = compile(&engine, &greedy, &[("job/in.txt", "")]);
    assert!(compiled.expect_err("it is greedy").to_string().contains("took more memory than it may"));
}

#[test]
fn a_full_disk_of_the_engine_is_named_as_the_cause() {
    let Some(engine) = engine() else { return };
    let image = base::shell(&engine);
    let filling = order(&image, &["sh", "-c", "cat /etc/passwd > /dev/full"]);
    let (compiled, _, _) = compile(&engine, &filling, &[("job/in.txt", "")]);
    assert!(matches!(&compiled, Err(Error::NoSpace { .. })), "{compiled:?}");
}

#[test]
fn files_that_cannot_be_written_are_the_fault_of_this_side() {
    let Some(engine) = engine() else { return };
    let image = base::shell(&engine);
    let order = order(&image, &["sh", "-c", "true"]);
    let error = engine
        .compile(&order, |_| Err(io::Error::other("the tree is gone")), &mut |_| {}, &mut |_, _| Ok(true))
        .expect_err("there are no files");
    assert!(matches!(error, Error::Local { .. }), "{error:?}");
}

#[test]
fn an_extension_is_compiled_for_python() {
    let Some(engine) = engine() else { return };
    let Some(image) = base::builder(&engine) else {
        return skip("there is no Python 3.12 or no g++ of Debian's");
    };
    let source = "#define PY_SSIZE_T_CLEAN\n#include <Python.h>\n#include <string>\n\
                  static PyModuleDef module = {PyModuleDef_HEAD_INIT, \"answer\", NULL, -1, NULL};\n\
                  PyMODINIT_FUNC PyInit_answer(void) {\n\
                  std::string text = \"forty\"; PyObject *made = PyModule_Create(&module);\n\
                  PyModule_AddIntConstant(made, \"VALUE\", text.size() * 8 + 2); return made; }\n";
    let script = "mkdir out && g++ -shared -fPIC -O1 $(python3.12 -c 'import sysconfig; \
                  print(\"-I\" + sysconfig.get_paths()[\"include\"])') answer.cpp -o out/answer.so && cd out && \
                  python3.12 -c 'import answer; print(answer.VALUE)'";
    let order = order(&image, &["sh", "-c", script]);
    let (compiled, lines, found) = compile(&engine, &order, &[("job/answer.cpp", source)]);
    compiled.unwrap_or_else(|error| panic!("{}", drawn(&error)));
    assert_eq!(lines, ["42"]);
    assert!(found["answer.so"].starts_with(b"\x7fELF"));
}
