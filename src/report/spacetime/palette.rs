//! The colours: Okabe and Ito's, which people with any colour vision can tell apart.

/// The styles of a picture that stands alone, on plain white. A page may lay others over them.
pub(super) const STYLE: &str = "\
text{font-family:sans-serif;font-size:11px;fill:#1a1a1a}
.title{font-size:17px;font-weight:bold}.note{font-size:12px;fill:#555}.agent{font-size:13px;font-weight:bold}
.halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
.faint{fill:#767676}.strong{font-weight:bold}.end{text-anchor:end}.middle{text-anchor:middle}
.paper{fill:#fff}.lane{stroke:#444;stroke-width:1.3}.grid{stroke:#e4e4e4}.gap{fill:#f1f1f1}
.gapline{stroke:#999;stroke-width:1.3;stroke-dasharray:2 4}.axis{stroke:#767676}
.fault{fill:#f0e442;fill-opacity:.32;stroke:#a39a00;stroke-opacity:.6}
.side0{fill:#56b4e9;fill-opacity:.2}.side1{fill:#cc79a7;fill-opacity:.2}.side2{fill:#e69f00;fill-opacity:.2}
.side3{fill:#009e73;fill-opacity:.2}.divide{stroke:#444;stroke-width:2;stroke-dasharray:7 4}
.arrow{fill:none;stroke-width:1;stroke-opacity:.5}.link{stroke-width:2.4;stroke-opacity:1}
.head{stroke:none;fill-opacity:.7}.linkhead{stroke:none}
.kind0{stroke:#0072b2;fill:#0072b2}.kind1{stroke:#e69f00;fill:#e69f00}.kind2{stroke:#009e73;fill:#009e73}
.kind3{stroke:#cc79a7;fill:#cc79a7}.kind4{stroke:#56b4e9;fill:#56b4e9}.kind5{stroke:#1a1a1a;fill:#1a1a1a}
.arrow.kind0,.arrow.kind1,.arrow.kind2,.arrow.kind3,.arrow.kind4,.arrow.kind5{fill:none}
.dash1{stroke-dasharray:6 3}.dash2{stroke-dasharray:2 3}
.word0{fill:#005b8e}.word1{fill:#8f6300}.word2{fill:#00714f}.word3{fill:#97427a}.word4{fill:#1f6f9c}.word5{fill:#1a1a1a}
.cross{stroke:#d55e00;stroke-width:1.8;fill:none}.violation{stroke:#d55e00;stroke-width:2.5;fill:none}
.evidence{stroke:#d55e00;stroke-width:2;fill:none}
.accused{fill:#b34a00;font-weight:bold}.loud{font-size:13px}
.decided{fill:#009e73;stroke:#fff}.decision{fill:#00714f;font-weight:bold}
.claim{fill:#fff;stroke:#444;stroke-width:1.3}.turn{fill:#1a1a1a;stroke:#fff}.timer{fill:#fff;stroke:#1a1a1a;stroke-width:1.5}
.crash{stroke:#1a1a1a;stroke-width:3;fill:none}
";

/// What a page in the dark lays over them.
pub(crate) const DARK: &str = "\
svg text{fill:#e6e6e6}svg .note,svg .faint{fill:#a8a8a8}svg .halo{stroke:#16181c}
svg .paper{fill:#16181c}svg .lane{stroke:#b0b0b0}svg .grid{stroke:#2c2f36}svg .gap{fill:#22252b}
svg .gapline{stroke:#777}svg .axis{stroke:#999}svg .fault{fill-opacity:.2}
svg .divide{stroke:#ccc}svg .kind0{stroke:#4aa8e0;fill:#4aa8e0}svg .kind5{stroke:#e6e6e6;fill:#e6e6e6}
svg .arrow{fill:none}svg .arrow.kind0,svg .arrow.kind5{fill:none}
svg .word0{fill:#7cc4f0}svg .word1{fill:#f0b84a}svg .word2{fill:#45cfa4}svg .word3{fill:#e3a3c7}svg .word4{fill:#8fd0f5}
svg .word5{fill:#e6e6e6}svg .accused{fill:#ff9a4d}svg .decision{fill:#45cfa4}svg .decided{stroke:#16181c}
svg .claim,svg .timer{fill:#16181c;stroke:#cfcfcf}svg .turn{fill:#e6e6e6;stroke:#16181c}svg .crash{stroke:#e6e6e6}
";

/// How many colours kinds have before lines are dashed.
pub(super) const COLOURS: usize = 6;

/// Returns the classes of the line of the kind with number `kind`.
pub(super) fn line(kind: usize) -> String {
    match kind / COLOURS {
        0 => format!("kind{}", kind % COLOURS),
        round => format!("kind{} dash{}", kind % COLOURS, round.min(2)),
    }
}
