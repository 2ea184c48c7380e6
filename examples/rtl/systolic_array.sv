// A weight-stationary systolic array of ROWS x COLUMNS PEs with the edges that skew what enters.
//
// All that enters does so for the whole edge at once; the skew is in here: row r sees a step r * PE_REGISTERS cycles
// later, column c what enters at the top c cycles later. The registers of the PEs are the outputs: neighbours read
// them, results are sum[PE_REGISTERS-1][ROWS-1], and a comparison sees the rest. Left open they cost nothing.
module systolic_array #(
  parameter int ROWS = 16,
  parameter int COLUMNS = 16,
  parameter int PE_REGISTERS = 1,
  parameter bit SHADOW = 1,
  parameter int OPERAND_BITS = 8
) (
  input  logic                           clk,
  input  logic                           reset,
  // A step: an operand for each row; what the sums begin with; `first` of a tile. Zeros without a step.
  input  logic                           first,
  input  logic signed [OPERAND_BITS-1:0] left[ROWS],
  input  logic signed [31:0]             bias[COLUMNS],
  // A row of the stationary operand.
  input  logic                           load,
  input  logic signed [OPERAND_BITS-1:0] top[COLUMNS],
  // Registers of the PEs.
  output logic signed [OPERAND_BITS-1:0] a[ROWS][COLUMNS],
  output logic signed [OPERAND_BITS-1:0] w[ROWS][COLUMNS],
  output logic signed [OPERAND_BITS-1:0] shadow[ROWS][COLUMNS],
  output logic signed [OPERAND_BITS-1:0] pass[ROWS][COLUMNS],
  output logic signed [31:0]             sum[PE_REGISTERS][ROWS][COLUMNS]
);

  // ---- Left edge: operands wait for their row; marks go down from row to row, those of steps as slowly as sums do,
  // those of loads a row a cycle.
  logic signed [OPERAND_BITS-1:0] left_seen[ROWS];
  logic                           first_seen[ROWS];
  logic                           load_seen[ROWS];

  for (genvar r = 0; r < ROWS; r++) begin : left_edge
    delay_line #(OPERAND_BITS, r * PE_REGISTERS) skew (.clk, .reset, .d(left[r]), .q(left_seen[r]));
    if (r == 0) begin : corner
      assign first_seen[r] = first;
      assign load_seen[r]  = load;
    end else begin : below
      delay_line #(1, PE_REGISTERS) step (.clk, .reset, .d(first_seen[r-1]), .q(first_seen[r]));
      delay_line #(1, 1) chain (.clk, .reset, .d(load_seen[r-1]), .q(load_seen[r]));
    end
  end

  // ---- Top edge.
  logic signed [31:0]             bias_seen[COLUMNS];
  logic signed [OPERAND_BITS-1:0] top_seen[COLUMNS];

  for (genvar c = 0; c < COLUMNS; c++) begin : top_edge
    delay_line #(32, c) sums (.clk, .reset, .d(bias[c]), .q(bias_seen[c]));
    delay_line #(OPERAND_BITS, c) chain (.clk, .reset, .d(top[c]), .q(top_seen[c]));
  end

  // ---- PEs. Each reads its left neighbour and the one above, or the edge.
  logic first_mark[ROWS][COLUMNS];
  logic load_mark[ROWS][COLUMNS];

  for (genvar r = 0; r < ROWS; r++) begin : row
    for (genvar c = 0; c < COLUMNS; c++) begin : column
      logic signed [OPERAND_BITS-1:0] a_in, pass_in;
      logic                           first_in, load_in;
      logic signed [31:0]             sum_in;
      logic signed [31:0]             path[PE_REGISTERS];

      if (c == 0) begin : from_edge
        assign a_in     = left_seen[r];
        assign first_in = first_seen[r];
        assign load_in  = load_seen[r];
      end else begin : from_left
        assign a_in     = a[r][c-1];
        assign first_in = first_mark[r][c-1];
        assign load_in  = load_mark[r][c-1];
      end

      if (r == 0) begin : from_top
        assign sum_in  = bias_seen[c];
        assign pass_in = top_seen[c];
      end else begin : from_above
        assign sum_in  = sum[PE_REGISTERS-1][r-1][c];
        assign pass_in = pass[r-1][c];
      end

      systolic_pe #(PE_REGISTERS, SHADOW, OPERAND_BITS) pe (
        .clk, .reset, .a_in, .first_in, .load_in, .sum_in, .pass_in,
        .a(a[r][c]), .first(first_mark[r][c]), .load(load_mark[r][c]),
        .sum(path), .pass(pass[r][c]), .w(w[r][c]), .shadow(shadow[r][c])
      );

      for (genvar i = 0; i < PE_REGISTERS; i++) begin : show
        assign sum[i][r][c] = path[i];
      end
    end
  end

endmodule
