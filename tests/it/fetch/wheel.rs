//! Which wheel runs where: a table.

use hive::io::index::distribution;
use hive::io::index::distribution::Distribution;
use hive::io::index::machine::glibc_version;
use hive::io::index::wheel::Os;
use hive::io::index::wheel::Platform;
use hive::io::index::wheel::Tags;
use hive::io::index::wheel::fit;

fn linux(arch: &str, glibc: Option<(u32, u32)>) -> Platform {
    Platform { os: Os::Linux, arch: arch.to_owned(), glibc, python: (3, 12) }
}

fn on(os: Os, arch: &str) -> Platform {
    Platform { os, arch: arch.to_owned(), glibc: None, python: (3, 12) }
}

fn tags(text: &str) -> Tags {
    let parts: Vec<&str> = text.split('-').collect();
    Tags::new([parts[0], parts[1], parts[2]])
}

fn check(platform: &Platform, text: &str, expected: &str) {
    let found = fit(platform, &tags(text)).map_or_else(|misfit| misfit.to_string(), |_| "fits".to_owned());
    assert_eq!(found, expected, "{text} on {platform}");
}

#[test]
fn interpreters() {
    let debian = linux("x86_64", Some((2, 36)));
    for (text, expected) in [
        ("cp312-cp312-any", "fits"),
        ("cp312-abi3-any", "fits"),
        ("cp37-abi3-any", "fits"),
        ("cp312-none-any", "fits"),
        ("py3-none-any", "fits"),
        ("py2.py3-none-any", "fits"),
        ("py312-none-any", "fits"),
        ("py38-none-any", "fits"),
        ("cp313-cp313-any", "is for cp313-cp313"),
        ("cp313-abi3-any", "is for cp313-abi3"),
        ("cp311-cp311-any", "is for cp311-cp311"),
        ("cp312-cp312t-any", "is for cp312-cp312t"),
        ("cp311-none-any", "is for cp311-none"),
        ("py313-none-any", "is for py313-none"),
        ("py2-none-any", "is for py2-none"),
        ("pp310-pypy310_pp73-any", "is for pp310-pypy310_pp73"),
        ("cp-abi3-any", "is for cp-abi3"),
        ("--", "is for -"),
    ] {
        check(&debian, text, expected);
    }
}

#[test]
fn machines() {
    let debian = linux("x86_64", Some((2, 36)));
    let arm = linux("aarch64", Some((2, 17)));
    let alpine = linux("x86_64", None);
    let mac = on(Os::MacOs, "aarch64");
    let windows = on(Os::Windows, "x86_64");
    for (platform, tag, expected) in [
        (&debian, "manylinux1_x86_64", "fits"),
        (&debian, "manylinux2010_x86_64", "fits"),
        (&debian, "manylinux2014_x86_64", "fits"),
        (&debian, "manylinux_2_36_x86_64", "fits"),
        (&debian, "linux_x86_64", "fits"),
        (&debian, "manylinux_2_39_x86_64.manylinux_2_34_x86_64", "fits"),
        (&debian, "manylinux_2_39_x86_64", "needs glibc 2.39, this machine has 2.36"),
        (&debian, "manylinux_3_0_x86_64", "needs glibc 3.0, this machine has 2.36"),
        (&debian, "manylinux_2_17_aarch64", "is for manylinux_2_17_aarch64"),
        (&debian, "musllinux_1_2_x86_64", "is for musllinux_1_2_x86_64"),
        (&debian, "win_amd64", "is for win_amd64"),
        (&debian, "manylinux_2_x86_64", "is for manylinux_2_x86_64"),
        (&arm, "manylinux2014_aarch64", "fits"),
        (&arm, "manylinux_2_28_aarch64", "needs glibc 2.28, this machine has 2.17"),
        (&arm, "linux_x86_64", "is for linux_x86_64"),
        (&alpine, "musllinux_1_2_x86_64", "fits"),
        (&alpine, "manylinux2014_x86_64", "is for manylinux2014_x86_64"),
        (&mac, "macosx_11_0_arm64", "fits"),
        (&mac, "macosx_10_9_universal2", "fits"),
        (&mac, "macosx_10_9_x86_64", "is for macosx_10_9_x86_64"),
        (&mac, "any", "fits"),
        (&windows, "win_amd64", "fits"),
        (&windows, "win_arm64", "is for win_arm64"),
        (&on(Os::Other, "riscv64"), "any", "fits"),
        (&on(Os::Other, "riscv64"), "linux_riscv64", "is for linux_riscv64"),
    ] {
        check(platform, &format!("cp312-cp312-{tag}"), expected);
    }
}

#[test]
fn the_closest_wheel_ranks_first() {
    let debian = linux("x86_64", Some((2, 36)));
    let order = [
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "cp312-cp312-linux_x86_64",
        "cp311-abi3-manylinux_2_17_x86_64",
        "cp37-abi3-manylinux_2_17_x86_64",
        "cp312-none-any",
        "py312-none-any",
        "py3-none-any",
    ];
    let ranks: Vec<_> = order.iter().map(|text| fit(&debian, &tags(text)).expect("each fits")).collect();
    assert!(ranks.is_sorted_by(|one, other| one < other), "{ranks:?}");
}

#[test]
fn glibc_says_its_version() {
    for (answer, expected) in [
        ("glibc 2.36\n", Some((2, 36))),
        ("ldd (Debian GLIBC 2.36-9+deb12u13) 2.36\nCopyright (C) 2022", Some((2, 36))),
        ("ldd (Ubuntu GLIBC 2.39-0ubuntu8.6) 2.39", Some((2, 39))),
        ("ldd (GNU libc) 2.34", Some((2, 34))),
        ("musl libc (x86_64)\nVersion 1.2.5", None),
        ("glibc", None),
        ("", None),
    ] {
        assert_eq!(glibc_version(answer), expected, "{answer}");
    }
}

#[test]
fn file_names() {
    fn shown(file_name: &str, package: &str) -> String {
        match distribution::parse(file_name, package) {
            Some(Distribution::Sdist { version }) => format!("sdist {version}"),
            Some(Distribution::Wheel { version, build, tags }) => {
                format!("wheel {version} build {build} for {}", tags.platform.join(" or "))
            }
            None => "nothing".to_owned(),
        }
    }
    for (file_name, package, expected) in [
        ("hummingbot-20250609.tar.gz", "hummingbot", "sdist 20250609"),
        ("hummingbot-20250609.zip", "Hummingbot", "sdist 20250609"),
        ("Pandas_TA-0.4.71b0.tar.gz", "pandas-ta", "sdist 0.4.71b0"),
        ("pandas-ta-0.4.71b0.tar.gz", "pandas_ta", "sdist 0.4.71b0"),
        ("a-1-2.0.tar.gz", "a-1", "sdist 2.0"),
        ("a-1-2.0.tar.gz", "a", "nothing"),
        ("hummingbot-20250609.tar.bz2", "hummingbot", "nothing"),
        ("hummingbot-20250609-py3.12.egg", "hummingbot", "nothing"),
        ("hummingbot-next.tar.gz", "hummingbot", "nothing"),
        ("hummingbot-api-1.0.tar.gz", "hummingbot", "nothing"),
        ("hummingbot", "hummingbot", "nothing"),
        (
            "hummingbot-2-cp312-cp312-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            "hummingbot",
            "wheel 2 build 0 for manylinux2014_x86_64 or manylinux_2_17_x86_64",
        ),
        ("pandas_ta-1.0-3b-py3-none-any.whl", "pandas-ta", "wheel 1.0 build 3 for any"),
        ("pandas_ta-1.0+local.2-py3-none-any.whl", "pandas-ta", "wheel 1.0+local.2 build 0 for any"),
        ("pandas_ta-1.0-b-py3-none-any.whl", "pandas-ta", "nothing"),
        ("pandas_ta-py3-none-any.whl", "pandas-ta", "nothing"),
        ("1.whl", "1", "nothing"),
    ] {
        assert_eq!(shown(file_name, package), expected, "{file_name}");
    }
}
