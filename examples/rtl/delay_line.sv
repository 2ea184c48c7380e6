// DEPTH registers in a row: what enters is seen DEPTH cycles later, at once if DEPTH is 0.
module delay_line #(
  parameter int BITS = 8,
  parameter int DEPTH = 1
) (
  input  logic            clk,
  input  logic            reset,
  input  logic [BITS-1:0] d,
  output logic [BITS-1:0] q
);

  if (DEPTH == 0) begin : wire_only
    assign q = d;
    // The clock has nothing to do here.
    logic unused;
    assign unused = &{1'b0, clk, reset};
  end else begin : registers
    logic [BITS-1:0] line[DEPTH];
    for (genvar i = 0; i < DEPTH; i++) begin : stage
      if (i == 0) begin : head
        always_ff @(posedge clk) line[i] <= reset ? '0 : d;
      end else begin : tail
        always_ff @(posedge clk) line[i] <= reset ? '0 : line[i-1];
      end
    end
    assign q = line[DEPTH-1];
  end

endmodule
