import { DefaultReporter, type TestModule, type TestSpecification } from "vitest/node";

/** Says of each file as it ends how many have ended, how long the run has taken and how long the file took. */
export class Progress extends DefaultReporter {
  #files = 0;
  #ended = 0;

  override onTestRunStart(files: readonly TestSpecification[]): void {
    this.#files = files.length;
    this.#ended = 0;
    super.onTestRunStart(files);
  }

  protected override printTestModule(file: TestModule): void {
    this.#ended++;
    const since = Math.round((performance.now() - this.start) / 1000);
    const took = (file.diagnostic().duration / 1000).toFixed(1);
    const tests = [...file.children.allTests()];
    const skipped = tests.filter((test) => test.result().state === "skipped").length;
    const counts = `${tests.length} ${tests.length === 1 ? "test" : "tests"}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
    const number = `${this.#ended}`.padStart(`${this.#files}`.length);
    const mark = file.ok() ? "✓" : "✗";
    this.log(`[${number}/${this.#files}, ${since} s] ${mark} ${this.relative(file.moduleId)}: ${counts}, ${took} s`);
    // What failed is listed as usual.
    if (!file.ok()) super.printTestModule(file);
  }
}
