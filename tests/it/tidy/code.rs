//! Which paths does a Rust file name?

/// A path that code names, `crate::io::progress::Progress`, groups in braces spelled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// The line that it begins on, counted from 1.
    pub(super) line: usize,
    /// Its names; a macro's last one ends with `!`.
    pub(super) names: Vec<String>,
}

impl Path {
    /// Tells whether `wanted`, written with `::`, stands somewhere in the path.
    pub(super) fn contains(&self, wanted: &str) -> bool {
        let wanted: Vec<&str> = wanted.split("::").collect();
        self.names.windows(wanted.len()).any(|names| names == wanted)
    }
}

/// Returns the code with comments and the contents of literals blanked, line by line as it was.
pub(super) fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            'r' | 'b' | 'c' if !code.ends_with(is_word) => prefixed_string(rest),
            '\'' => character(rest),
            _ => 0,
        };
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        code.extend(rest[..length].chars().map(|blanked| if blanked == '\n' { '\n' } else { ' ' }));
        rest = &rest[length..];
    }
    code
}

/// Returns the paths that code names, in its order. Names that stand alone are paths too.
pub(super) fn paths(code: &str) -> Vec<Path> {
    let tokens = tokens(code);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = path(&tokens, at, &[], &mut paths).max(at + 1);
    }
    paths
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Returns the length of a block comment; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        match rest {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Returns the length of a string literal that may escape its quotes.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of a raw, byte or C string literal; 0 where the letters begin a name.
fn prefixed_string(text: &str) -> usize {
    let letters = text.len() - text.trim_start_matches(['b', 'c', 'r']).len();
    let rest = &text[letters..];
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    if letters > 2 || !rest[hashes..].starts_with('"') {
        return 0;
    }
    if !text[..letters].contains('r') {
        return if hashes == 0 { letters + string(rest) } else { 0 };
    }
    let closing = format!("\"{}", &rest[..hashes]);
    let body = letters + hashes + 1;
    text[body..].find(&closing).map_or(text.len(), |end| body + end + closing.len())
}

/// Returns the length of a character literal; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            let _ = characters.next();
            characters.find(|(_, character)| *character == '\'').map_or(text.len(), |(at, _)| at + 1)
        }
        Some(_) => characters.next().filter(|(_, character)| *character == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'c> {
    Name(&'c str),
    Colons,
    Other(char),
}

fn tokens(code: &str) -> Vec<(usize, Token<'_>)> {
    let mut tokens = Vec::new();
    for (index, mut rest) in code.lines().enumerate() {
        while let Some(first) = rest.chars().next() {
            let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
            let (token, length) = match first {
                _ if length > 0 => (Token::Name(&rest[..length]), length),
                ':' if rest.starts_with("::") => (Token::Colons, 2),
                other => (Token::Other(other), other.len_utf8()),
            };
            if !matches!(token, Token::Other(blank) if blank.is_whitespace()) {
                tokens.push((index + 1, token));
            }
            rest = &rest[length..];
        }
    }
    tokens
}

/// Reads a path at `at`, below the names `above`, and returns the place behind it.
fn path(tokens: &[(usize, Token<'_>)], mut at: usize, above: &[String], paths: &mut Vec<Path>) -> usize {
    let Some((line, _)) = tokens.get(at) else { return at };
    let mut names = above.to_vec();
    loop {
        match tokens.get(at).map(|(_, token)| token) {
            Some(Token::Name(name)) => names.push((*name).to_owned()),
            Some(Token::Other('*')) if !names.is_empty() => names.push("*".to_owned()),
            Some(Token::Other('{')) if !names.is_empty() => return group(tokens, at + 1, &names, paths),
            _ => break,
        }
        at += 1;
        if tokens.get(at).map(|(_, token)| token) != Some(&Token::Colons) {
            break;
        }
        at += 1;
    }
    if names.len() > above.len() {
        let calls = tokens.get(at).map(|(_, token)| token) == Some(&Token::Other('!'));
        let equals = tokens.get(at + 1).map(|(_, token)| token) == Some(&Token::Other('='));
        if let Some(last) = names.last_mut().filter(|_| calls && !equals) {
            last.push('!');
        }
        paths.push(Path { line: *line, names });
    }
    at
}

/// Reads the group of a `use` behind its opening brace and returns the place behind the closing one.
fn group(tokens: &[(usize, Token<'_>)], mut at: usize, above: &[String], paths: &mut Vec<Path>) -> usize {
    while let Some((_, token)) = tokens.get(at) {
        match token {
            Token::Other('}') => return at + 1,
            Token::Other(',') => at += 1,
            // A new name is no path.
            Token::Name("as") => at += 2,
            _ => at = path(tokens, at, above, paths).max(at + 1),
        }
    }
    at
}
