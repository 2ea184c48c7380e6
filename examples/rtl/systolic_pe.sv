// One processing element of the weight-stationary array: a multiplier, an adder, and the registers that
// docs/cosimulation.md calls a, w, shadow, pass and sum.
//
// What comes from the left (operand, `first`, `load`) leaves to the right a cycle later; sums and the loading chain go
// down.
module systolic_pe #(
  // Registers in the path of a partial sum through this PE.
  parameter int PE_REGISTERS = 1,
  // 1: the next tile's operand is loaded beside the one in use.
  parameter bit SHADOW = 1,
  parameter int OPERAND_BITS = 8
) (
  input  logic                           clk,
  input  logic                           reset,
  // From the left.
  input  logic signed [OPERAND_BITS-1:0] a_in,
  input  logic                           first_in,
  input  logic                           load_in,
  // From above.
  input  logic signed [31:0]             sum_in,
  input  logic signed [OPERAND_BITS-1:0] pass_in,
  // To the right.
  output logic signed [OPERAND_BITS-1:0] a,
  output logic                           first,
  output logic                           load,
  // Downwards: the last of the path's registers goes to the PE below.
  output logic signed [31:0]             sum[PE_REGISTERS],
  output logic signed [OPERAND_BITS-1:0] pass,
  // Not for neighbours: the operand in use and, with SHADOW, the next one (without, the same).
  output logic signed [OPERAND_BITS-1:0] w,
  output logic signed [OPERAND_BITS-1:0] shadow
);

  // ---- Stationary operand. With SHADOW a tile's first step swaps it, and works with the new one at once.
  logic signed [OPERAND_BITS-1:0] w_now;

  if (SHADOW) begin : shadowed
    assign w_now = first_in ? shadow : w;
    always_ff @(posedge clk)
      if (reset) begin
        w      <= '0;
        shadow <= '0;
        pass   <= '0;
      end else begin
        w <= w_now;
        if (load_in) begin
          shadow <= pass_in;
          pass   <= shadow;
        end
      end
  end else begin : single
    assign w_now  = w;
    assign shadow = w;
    always_ff @(posedge clk)
      if (reset) begin
        w    <= '0;
        pass <= '0;
      end else if (load_in) begin
        w    <= pass_in;
        pass <= w;
      end
  end

  // ---- Multiply and accumulate, modulo 2^32.
  always_ff @(posedge clk) sum[0] <= reset ? '0 : sum_in + 32'(a_in) * 32'(w_now);

  for (genvar i = 1; i < PE_REGISTERS; i++) begin : path
    always_ff @(posedge clk) sum[i] <= reset ? '0 : sum[i-1];
  end

  // ---- What hops to the right.
  always_ff @(posedge clk) begin
    a     <= reset ? '0 : a_in;
    first <= reset ? '0 : first_in;
    load  <= reset ? '0 : load_in;
  end

endmodule
