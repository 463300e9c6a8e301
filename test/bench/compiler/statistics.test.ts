import { describe, expect, test } from "vitest";
import { mark, parseStatistics } from "../../../bench/src/compiler/statistics.ts";

/** As Mesa 25.0 writes it for a small kernel: a listing with two loops, one within the other, then the statistics. */
const written = `
ac_compute_device_uuid's output is based on invalid pci bus info.

${mark(0)}
Compute Shader
disasm:
BB0:
	s_load_b128 s[4:7], s[2:3], null                            ; f4080101 f8000000
	v_fma_f32 v1, v2, v3, v4                                    ; d6130001 04120702
	s_nop 0                                                     ; bf800000
	(then repeated 8 times)
BB1:
	s_cmp_ge_u32 s5, s6                                         ; bf090605
	s_cbranch_scc1 BB9                                          ; bfa201eb
BB2:
	buffer_load_b128 v[16:19], v13, s[12:15], 0 offen           ; e05c0000 8043100d
	s_waitcnt vmcnt(0)                                          ; bf8903f7
	v_fmac_f32_e32 v1, v2, v3                                   ; 56020702
	v_dual_fmac_f32 v5, v6, v7 :: v_dual_mul_f32 v8, v9, v10    ; c8020d06
BB3:
	s_cbranch_vccz BB5                                          ; bfa30004
BB4:
	v_pk_fma_f32 v[0:1], v[2:3], v[4:5], v[6:7]                 ; cc0e4000
	ds_load_b128 v[4:7], v1                                     ; dbfc0000
	s_branch BB3                                                ; bfa0fff1
BB5:
	s_add_u32 s5, s5, 1                                         ; 80058105
	s_cbranch_execz BB7                                         ; bfa50201
BB6:
	s_branch BB1                                                ; bfa0fff1
BB7:
	v_mad_f32 v1, v2, v3, v4                                    ; d1c10001
	s_branch BB1                                                ; bfa0ff00
BB9:
	s_endpgm                                                    ; bfb00000


Compute Shader:
*** SHADER STATS ***
Driver pipeline hash: 16198198441605011414
SGPRs: 128
VGPRs: 84
Spilled SGPRs: 3
Spilled VGPRs: 2
Code size: 2588
LDS size: 5120
Scratch size: 0
Subgroups per SIMD: 14
Combined inputs: 0
Hash: 409189543
Instructions: 561
Latency: 41828
Inverse Throughput: 5975
Pre-Sched VGPRs: 53
VALU: 346
********************
`;

/** The statistics alone, of another kernel. */
const other = written.slice(written.indexOf("Compute Shader:")).replace("VGPRs: 84", "VGPRs: 36");

describe("what Mesa's compiler writes", () => {
  test("is read kernel by kernel", () => {
    const [first, second] = parseStatistics(`${written}\n${mark(1)}\n${other}`, 2);
    expect(first).toMatchObject({
      vgprs: 84,
      sgprs: 128,
      spills: 5,
      workgroupMemory: 5120,
      waves: 14,
      codeBytes: 2588,
      latency: 41828,
      inverseThroughput: 5975,
    });
    expect(second.vgprs).toBe(36);
  });

  test("has multiply-adds and loads, those in loops as often as the compiler has it: eight rounds, four of a loop within", () => {
    const [{ listing }] = parseStatistics(written, 1);
    // Outside: the first one. In the outer loop: fmac, dual fmac, mad; in the inner one two at once.
    expect(listing.multiplyAdds).toEqual({ outside: 1, inLoops: 8 * 3 + 32 * 2 });
    expect(listing.loads).toEqual({ outside: 0, inLoops: 8 });
    expect(listing.waits).toEqual({ outside: 0, inLoops: 8 });
    expect(parseStatistics(`${mark(0)}\n${other}`, 1)[0].listing.multiplyAdds).toEqual({
      outside: 0,
      inLoops: 0,
    });
  });

  test("has them in Mesa's own listing too, of chips that its disassembler does not know", () => {
    const own = `${mark(0)}
Shader disassembly is not supported in the current configuration, falling back to print_program.
BB0
/* logical preds: / linear preds: / kind: uniform, top-level, loop-preheader, */
	 v1: %580:v[1] = v_mbcnt_lo_u32_b32 -1, 0
BB1
/* logical preds: BB0, BB1, / linear preds: BB0, BB1, / kind: loop-header, branch, */
	s_wait_loadcnt imm:0
	 v1: %7:v[2] = v_fma_f32 %1:v[3], %2:v[4], %7:v[2]
	s_cbranch_scc0 block:BB1
BB2
${other}`;
    expect(parseStatistics(own, 1)[0].listing).toEqual({
      multiplyAdds: { outside: 0, inLoops: 8 },
      loads: { outside: 0, inLoops: 0 },
      instructions: { outside: 1, inLoops: 24 },
      waits: { outside: 0, inLoops: 8 },
    });
  });

  test.each([
    ["a kernel about which it says nothing", written, 2, /kernel 1.*got none/],
    [
      "an output that lacks what is needed",
      written.replace(/^Latency.*$/m, ""),
      1,
      /"Latency" for kernel 0.*got .*VGPRs/,
    ],
  ])("is refused with %s", (_, text, count, words) => {
    expect(() => parseStatistics(text, count)).toThrow(words);
  });
});
