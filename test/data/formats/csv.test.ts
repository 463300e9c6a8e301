import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCsv } from "../../../src/data/formats/csv.ts";
import { UserError } from "../../../src/errors.ts";
import { csvOf, sample } from "../../helpers/data-files.ts";

const parse = (text: string) => parseCsv(new TextEncoder().encode(text), "t.csv");
/** Two images of 2x2 pixels, with the labels 7 and 0. */
const plain = "7,0,1,20,255\n0,4,5,6,7\n";
const expected = {
  ...{ count: 2, rows: 2, columns: 2 },
  images: Uint8Array.of(0, 1, 20, 255, 4, 5, 6, 7),
  labels: Uint8Array.of(7, 0),
};

describe("parseCsv", () => {
  it.each([
    ["numbers alone", plain],
    ["a header", `label,pixel0,pixel1,pixel2,pixel3\n${plain}`],
    ["a header in quotes", `"label","p0","p1","p2","p3"\n${plain}`],
    ["a header with places", `label,1x1,1x2,2x1,2x2\n${plain}`],
    ["a header without a name for labels", `kind,p0,p1,p2,p3\n${plain}`],
    ["a header of numbers", `0,1,2,3,4\n${plain}`],
    ["a header of numbers from 1, in quotes", `"1","2","3","4","5"\n${plain}`],
    ["a header of numbers beside a name", `label,0,1,2,3\n${plain}`],
    ["a header of numbers beside a name at the end", "0,1,2,3,y\n0,1,20,255,7\n4,5,6,7,0"],
    ["no break at the end", plain.trimEnd()],
    ["Windows' breaks", plain.replaceAll("\n", "\r\n")],
    ["Windows' breaks after a header", `label,a,b,c,d\n${plain}`.replaceAll("\n", "\r\n")],
    ["old breaks", plain.replaceAll("\n", "\r")],
    ["empty lines", `${plain.replaceAll("\n", "\n\n")}\n\n`],
    ["a mark at its beginning", `\ufeff${plain}`],
    ["semicolons", plain.replaceAll(",", ";")],
    ["tabs", plain.replaceAll(",", "\t")],
    ["spaces", plain.replaceAll(",", ", ")],
    ["quotes", plain.replaceAll(/\d+/g, '"$&"')],
    ["spaces in quotes", plain.replaceAll(/\d+/g, ' " $& " ')],
    ["points", plain.replaceAll(/\d+/g, "$&.0")],
    ["leading zeros", plain.replaceAll(/\d+/g, "00$&")],
    ["labels at the end", "a,b,c,d,class\n0,1,20,255,7\n4,5,6,7,0"],
    ["labels in the middle", "a,b,label,c,d\n0,1,7,20,255\n4,5,0,6,7"],
    ["labels at the end by another name", "p0,p1,p2,p3,number\n0,1,20,255,7\n4,5,6,7,0"],
    ["labels in the middle by another name", "p0,kind,p1,p2,p3\n0,7,1,20,255\n4,0,5,6,7"],
    ["labels whose name has one of identifiers", `class_id,p0,p1,p2,p3\n${plain}`],
  ])("reads a table with %s", (_, text) => {
    const { odd: _odd, ...table } = parse(text);
    expect(table).toEqual(expected);
  });

  it("reads images that are not square where the header tells their sides", () => {
    expect(parse("label,1x1,1x2,1x3,2x1,2x2,2x3\n1,1,2,3,4,5,6")).toMatchObject({
      count: 1,
      rows: 2,
      columns: 3,
    });
  });

  it.each([
    ["before", "label,1x1,1x2,1x3,2x1,2x2,2x3\n7,1,2,3,4,5,6"],
    ["behind", "1x1,1x2,1x3,2x1,2x2,2x3,label\n1,2,3,4,5,6,7"],
    ["among", "1x1,1x2,label,1x3,2x1,2x2,2x3\n1,2,7,3,4,5,6"],
  ])("hears the sides wherever the labels are: %s them", (_, text) => {
    expect(parse(text)).toMatchObject({
      ...{ rows: 2, columns: 3, labels: Uint8Array.of(7) },
      images: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it.each([
    ["id", "id,p0,p1,p2,p3\n0,1,2,3,4\n70000,5,6,7,8"],
    ["ImageId", "p0,p1,p2,p3,ImageId\n1,2,3,4,0\n5,6,7,8,img_1.png"],
    ["file_name", '"file_name","p0","p1","p2","p3"\n"a-0.png",1,2,3,4\n"b-0 1.png",5,6,7,8\n\n'],
    ["id", "id,0,1,2,3\n0,1,2,3,4\n1,5,6,7,8"],
    ["", ",p0,p1,p2,p3\n,1,2,3,4\n1,5,6,7,8"],
  ])("takes a column that identifies images for no labels: %j", (odd, text) => {
    const images = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect(parse(text)).toEqual({ count: 2, rows: 2, columns: 2, images, labels: undefined, odd });
  });

  describe("without a header", () => {
    const lines = Array.from({ length: 12 }, (_, line) => ({
      label: line % 3,
      pixels: [0, 40 + line, 7, 0],
    }));
    const text = (row: (line: (typeof lines)[number]) => number[]) =>
      lines.map((line) => row(line).join(",")).join("\n");
    const [first, last] = [
      text(({ label, pixels }) => [label, ...pixels]),
      text(({ label, pixels }) => [...pixels, label]),
    ];
    const expected = {
      labels: Uint8Array.from(lines, ({ label }) => label),
      images: Uint8Array.from(lines.flatMap(({ pixels }) => pixels)),
    };

    it("finds labels in the last column where those of the first can be none", () => {
      expect(parse(last)).toMatchObject({ ...expected, isReversed: true });
      expect(parse(first)).toMatchObject(expected);
      expect(parse(first)).not.toHaveProperty("isReversed");
    });

    it("finds them where the table has them that it goes with", () => {
      const parsed = (text: string, isReversed: boolean) =>
        parseCsv(new TextEncoder().encode(text), "t.csv", { isReversed });
      const [one] = last.split("\n");
      expect(parsed(one, true)).toMatchObject({
        labels: Uint8Array.of(0),
        images: Uint8Array.of(0, 40, 7, 0),
      });
      expect(parsed(last, false).labels).toEqual(new Uint8Array(12));
    });

    it("takes them from the first column where few lines tell nothing", () => {
      expect(parse("5,1,2,3,0\n9,1,2,3,1\n")).toMatchObject({ labels: Uint8Array.of(5, 9) });
    });
  });

  it.each([
    ["little", "utf-16le", [0xff, 0xfe]],
    ["big", "utf-16be", [0xfe, 0xff]],
  ])("says so of UTF-16, %s end first", (_, encoding, mark) => {
    const text = Buffer.from("label,p0,p1,p2,p3\n1,2,3,4,5\n", "utf16le");
    const bytes = Uint8Array.from([...mark, ...(encoding === "utf-16le" ? text : text.swap16())]);
    expect(() => parseCsv(bytes, "t.csv")).toThrow("t.csv is in UTF-16. Save it as UTF-8");
  });

  it("takes a column for labels that is called as those of the table beside it, and no other", () => {
    const labelsOf = (text: string) =>
      parseCsv(new TextEncoder().encode(text), "t.csv", { odd: "Kind" }).labels;
    expect(labelsOf(`kind,p0,p1,p2,p3\n${plain}`)).toEqual(expected.labels);
    expect(labelsOf(`label,p0,p1,p2,p3\n${plain}`)).toEqual(expected.labels);
    expect(labelsOf(plain)).toEqual(expected.labels);
    expect(labelsOf(`nth,p0,p1,p2,p3\n${plain}`)).toBeUndefined();
  });

  it("reads tables without labels, and without images", () => {
    expect(parse("p0,p1,p2,p3\n1,2,3,4\n")).toMatchObject({
      count: 1,
      rows: 2,
      columns: 2,
      labels: undefined,
    });
    expect(parse("1,2,3,4\n")).toMatchObject({ count: 1, labels: undefined });
    expect(parse("label,p0\r\n\r\n")).toMatchObject({ count: 0 });
  });

  it.each([
    [
      "a fraction below a header",
      "label,a,b,c,d\n1,2,3,0.5,4",
      "t.csv, line 2, column 4: the number has a fraction.",
    ],
    [
      "an empty cell in the first line",
      `7,0,,20,255\n${plain}`,
      "t.csv, line 1, column 3: there is nothing.",
    ],
    ["an empty cell before numbers", `,0,1,2,3\n${plain}`, "t.csv, line 1, column 1: there is nothing."],
    ["a fraction in the first line", `7,.5,1,2,3\n${plain}`, 't.csv, line 1, column 2: "." is no digit.'],
    ["fractions in the first line", `5,0,0.1,0.2,0.3\n${plain}`, "t.csv, line 1, column 3: the number has a"],
    [
      "a negative number in the first line",
      `7,1,2,-3,4\n${plain}`,
      't.csv, line 1, column 4: "-" is no digit',
    ],
    ["a word in the first line", `7,1,2,x,4\n${plain}`, 't.csv, line 1, column 4: "x" is no digit.'],
    ["a space in a number", `${plain}7,1 2,3,4,5`, "t.csv, line 3, column 2: there is more than one number."],
    ["a quote in a number", `7,0,1,2"0,255\n${plain}`, "t.csv, line 1, column 4: there is more than one"],
    ["two numbers in quotes", `${plain}7,"1" "2",3,4,5`, "t.csv, line 3, column 2: there is more than one"],
    ["two points", `${plain}7,1,2.0.,3,4`, 't.csv, line 3, column 3: "." is no digit.'],
    ["a point after a space", `${plain}7,1,2,3,4 .0`, 't.csv, line 3, column 5: "." is no digit.'],
    [
      "a large number",
      `${plain}0,1,2,3,256`,
      "t.csv, line 3, column 5: the number is larger than 255. Expected",
    ],
    ["a negative number", `${plain}0,1,-2,3,4`, 't.csv, line 3, column 3: "-" is no digit.'],
    [
      "a word",
      `${plain}cat,1,2,3,4`,
      't.csv, line 3, column 1: "c" is no digit. Expected whole numbers from 0 to 255.',
    ],
    ["an empty cell", `${plain}0,1,,3,4`, "t.csv, line 3, column 3: there is nothing."],
    ["a short line", `${plain}0,1,2,3\n`, "t.csv, line 3: it has 4 values, expected 5 as in the first line."],
    ["a long line", `${plain}0,1,2,3,4,5\n`, "t.csv, line 3: it has more values, expected 5"],
    ["a line number after empty lines", `${plain}\r\n\r\n0,x`, 't.csv, line 5, column 2: "x" is no digit.'],
    [
      "no square",
      "1,2,3\n",
      "t.csv has 3 columns. Expected a label, then the pixels of a square image: 785 for 28x28, and nothing else.",
    ],
    [
      "a column of line numbers beside the labels",
      ",label,p0,p1,p2,p3\n0,1,2,3,4,5",
      "t.csv has 6 columns. Expected a label, then the pixels of a square image: 785 for 28x28, and nothing else.",
    ],
    ["nothing", "", "t.csv is empty. Expected a label"],
    ["nothing behind a mark", "\ufeff", "t.csv is empty. Expected a label"],
    ["an empty line", `\n${plain}`, "t.csv begins with an empty line."],
  ])("refuses %s, and says where", (_, text, message) => {
    expect(() => parse(text)).toThrow(UserError);
    expect(() => parse(text)).toThrow(message);
  });

  it("does not look for the end of the first line all through a file without lines", () => {
    const bytes = new Uint8Array(1 << 30);
    const startedAt = performance.now();
    expect(() => parseCsv(bytes, "t.csv")).toThrow("t.csv has no lines: it is no table.");
    // A callback for each byte takes ten seconds.
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it("reads any table back, and never fails but with a UserError", () => {
    const sizes = fc.record({
      count: fc.integer({ min: 1, max: 9 }),
      side: fc.integer({ min: 2, max: 5 }),
      first: fc.nat(255),
    });
    const damage = fc.tuple(fc.nat(400), fc.constantFrom(...'0123456789,;\r\n ."x-'));
    fc.assert(
      fc.property(sizes, fc.array(damage, { maxLength: 3 }), ({ count, side, first }, changes) => {
        const made = sample(count, { rows: side, columns: side, first });
        const text = csvOf(made);
        const { pixels, ...rest } = made;
        expect(parse(text)).toEqual({ ...rest, images: pixels });
        const bytes = new TextEncoder().encode(text);
        for (const [at, letter] of changes) if (at < bytes.length) bytes[at] = letter.charCodeAt(0);
        try {
          const { images, rows, columns, count: lines } = parseCsv(bytes, "t.csv");
          expect(images.length).toBe(lines * rows * columns);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
